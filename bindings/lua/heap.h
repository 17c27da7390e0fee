/*
** pymalloc.Heap: a userdata that points to a counted record in C memory.
*/
#ifndef BINDING_HEAP_H
#define BINDING_HEAP_H

#include "debug/debug.h"
#include "state/heap.h"
#include "tracked.h"
#include "type.h"

extern const struct binding_type binding_heap_type;

/* The record that a heap and its buffers share. The last of them frees it. */
struct binding_heap {
  pym_heap *core; /* NULL: closed */
  size_t reference_count;
  const char *profile;
  pym_geometry geometry;
  struct tracked raw_blocks; /* the live blocks of the raw allocator */
  size_t unannounced_bytes;  /* allocated, and not yet told to the collector */
  bool is_borrowed;          /* the heap of a run, which cannot be changed */
  bool is_hosting;           /* a Lua state allocates from it */
  struct binding_watching *watching; /* NULL: it never had a listener */
  /*
  ** The report of misuse to be raised; "": there is none. It is in the record,
  ** so that it is not lost where there is no memory.
  */
  char report[REPORT_BYTES];
};

/*
** Makes a record with one reference, and its heap. NULL: there is no memory, or
** the geometry is refused.
*/
struct binding_heap *heap_record_new(const pym_options *options,
                                     const char *profile);

/*
** Makes a record with two references, of a heap that the caller owns. NULL:
** there is no memory.
*/
struct binding_heap *heap_record_borrow(pym_heap *core, const char *profile);

/* Deletes the heap, and frees the blocks of the raw allocator too. */
void heap_record_close(struct binding_heap *heap);

/* Frees a record without references. */
void heap_record_free(struct binding_heap *heap);

/* Makes the collector work for the bytes that were not announced yet. */
void heap_announce(lua_State *L, struct binding_heap *heap);

/* Raises the error that a heap is closed, or borrowed. */
int heap_refuse_closed(lua_State *L);
int heap_refuse_borrowed(lua_State *L);

/*
** Pushes a new heap, or nil, a message and "ENOMEM". Returns the number of
** values pushed. 'profile' must stay valid.
*/
int binding_push_heap(lua_State *L, const pym_options *options,
                      const char *profile);

/* The userdata. */
struct heap_object {
  uint64_t seal;
  struct binding_heap *heap; /* one reference; NULL once finalized */
};

/* The open heap at 'index'. Any other value is an error. */
static inline struct binding_heap *binding_open_heap(lua_State *L, int index)
{
  const struct heap_object *object =
      binding_check(L, index, &binding_heap_type);
  if (unlikely(object->heap == NULL || object->heap->core == NULL))
    heap_refuse_closed(L);
  return object->heap;
}

/* The same: the heap of the C library. */
pym_heap *binding_check_heap(lua_State *L, int index);

/* The open heap at 'index', or NULL for any other value. */
struct binding_heap *binding_test_heap(lua_State *L, int index);

/* The record of the heap, closed or not; NULL, once the heap is finalized. */
struct binding_heap *binding_record(lua_State *L, int index);

/*
** Gives a heap that the caller owns, and ends by binding_end_borrowed, to the
** new object of binding_heap_type at 'index'. Returns its record, of which the
** caller has one reference; NULL: there is no memory. Makes no Lua object.
*/
struct binding_heap *binding_borrow(lua_State *L, int index, pym_heap *core,
                                    const char *profile);
void binding_end_borrowed(struct binding_heap *heap);

/* Deletes a heap and its record after the Lua state on it was closed. */
void binding_end_hosting(struct binding_heap *heap);

/* Raises an error if the heap is borrowed. */
static inline void binding_check_own(lua_State *L,
                                     const struct binding_heap *heap)
{
  if (unlikely(heap->is_borrowed))
    heap_refuse_borrowed(L);
}

/* Gives back one reference. The last one frees the record. */
static inline void binding_release_heap(struct binding_heap *heap)
{
  if (--heap->reference_count == 0)
    heap_record_free(heap);
}

/*
** The collector knows the size of a buffer's userdata, and not that of its
** block. So the bytes of blocks are counted, and the collector is made to work
** for them whenever there are so many.
*/
#define ANNOUNCE_BYTES ((size_t)64 << 10)

/* Counts bytes of blocks, and makes Lua's collector work for them. */
static inline void binding_announce(lua_State *L, struct binding_heap *heap,
                                    size_t bytes)
{
  heap->unannounced_bytes += bytes;
  if (unlikely(heap->unannounced_bytes >= ANNOUNCE_BYTES))
    heap_announce(L, heap);
}

/* pymalloc.heap and other functions that a module gets. */
extern const luaL_Reg binding_heap_functions[];

/* Makes the type and pushes the table of its methods. */
void binding_open_heap_type(lua_State *L);

#endif
