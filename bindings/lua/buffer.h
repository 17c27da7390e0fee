/*
** A buffer is one block of a heap seen as an array of elements; a slice is a
** part of another buffer and holds no block. Its elements may have another
** type, and need not be aligned.
**
**   buffer   data ---> | e1 | e2 | e3 | e4 | e5 |
**   slice              |<-->|<- count ->|            user value: the buffer
**                   first_byte
**
** The place of the elements is looked up at each access, because the buffer may
** have been freed or resized, or its heap closed, since the last one.
*/
#ifndef BUFFER_H
#define BUFFER_H

#include "heap.h"
#include "element.h"

extern const struct binding_type binding_buffer_type;

struct buffer {
  uint64_t seal;
  unsigned char *data;       /* the block; NULL: freed, or a slice */
  size_t count;              /* elements */
  struct binding_heap *heap; /* one reference; NULL: finalized, or a slice */
  size_t first_byte;         /* of a slice: bytes of its buffer before it */
  enum element type;
  unsigned char owner_type; /* of a slice: the element type of its buffer */
  bool is_slice;
  bool is_quiet; /* made by a listener: its collection is not told */
};

/* The place of the elements of a buffer at this moment. */
struct span {
  unsigned char *data;
  size_t count;
};

/* The address of the element with the index 'offset', from 0. */
static inline unsigned char *span_at(struct span span, enum element type,
                                     size_t offset)
{
  return span.data + (offset << element_shift(type));
}

enum buffer_state {
  BUFFER_LIVE,
  BUFFER_FREED,
  BUFFER_CLOSED, /* its heap is closed */
  BUFFER_CUT     /* a slice that reaches beyond its buffer */
};

/* The buffer at 'index'; anything else is an error. */
static inline struct buffer *buffer_check(lua_State *L, int index)
{
  return binding_check(L, index, &binding_buffer_type);
}

/* The state of the buffer at 'index'. If it is live, fills 'span'. */
enum buffer_state buffer_look(lua_State *L, int index,
                              const struct buffer *buffer, struct span *span);

/* The same for a buffer that is not a slice. */
static inline enum buffer_state
buffer_look_at_owner(const struct buffer *buffer, struct span *span)
{
  if (buffer->data == NULL)
    return BUFFER_FREED;
  if (buffer->heap->core == NULL)
    return BUFFER_CLOSED;
  span->data = buffer->data;
  span->count = buffer->count;
  return BUFFER_LIVE;
}

/* The same. Raises an error that says why, if the buffer is not live. */
struct span buffer_span(lua_State *L, int index, const struct buffer *buffer);

/* The bytes of the elements of a span. */
static inline size_t span_bytes(struct span span, enum element type)
{
  return span.count << element_shift(type);
}

/*
** The part of a span that two arguments of a method name, the indices of its
** first and its last element; nil is that of the span. first is 1 to count + 1,
** and last is first - 1 to count. Any other number is an error.
*/
struct span buffer_range(lua_State *L, int index, const char *first_name,
                         const char *last_name, struct span span,
                         enum element type);

/* How errors name the two arguments: "b:fill: first", "b:fill: last". */
#define BUFFER_RANGE(function) function ": first", function ": last"

/*
** The bytes of a string or of a buffer of that type at 'index', which are whole
** elements; anything else is an error.
*/
struct span buffer_source(lua_State *L, int index, const char *what,
                          enum element type);

/* The live buffer at 'index' that is not a slice; anything else is an error. */
struct buffer *buffer_check_owner(lua_State *L, int index, const char *what);

/*
** Pushes the user value that should be the heap of the buffer at 'index'.
** Returns whether it is an open heap.
*/
bool buffer_push_heap(lua_State *L, int index, const struct buffer *buffer);

/* The bytes of all elements of a buffer. */
static inline size_t buffer_bytes(const struct buffer *buffer)
{
  return buffer->count * element_bytes(buffer->type);
}

/*
** Frees the block of a live buffer. Raises a report of misuse, if there is
** one.
*/
void buffer_free(lua_State *L, struct buffer *buffer);

/* Pushes "i32[10]". */
const char *buffer_describe(lua_State *L, const struct buffer *buffer);

/* Metamethods. */
int buffer_index(lua_State *L);
int buffer_new_index(lua_State *L);
int buffer_length(lua_State *L);
int buffer_iter(lua_State *L);

/* The methods of a buffer, by the file that has them. */
extern const luaL_Reg buffer_bulk_methods[];
extern const luaL_Reg buffer_bits_methods[];
extern const luaL_Reg buffer_copy_methods[];
extern const luaL_Reg buffer_file_methods[];
extern const luaL_Reg buffer_memory_methods[];
extern const luaL_Reg buffer_pack_methods[];
extern const luaL_Reg buffer_place_methods[];
extern const luaL_Reg buffer_search_methods[];
extern const luaL_Reg buffer_slice_methods[];
extern const luaL_Reg buffer_unpack_methods[];

/* Makes the type and pushes the table of its methods. */
void binding_open_buffer_type(lua_State *L);

#endif
