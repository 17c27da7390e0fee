/*
** Single elements of a buffer.
**
** Indices run from 1 to #b, as in a table; a float that is a whole number
** counts as that integer. Reading #b + 1 gives nil, so that ipairs finds the
** end; any other index out of range is an error.
*/
#include "argument.h"
#include "type.h"
#include "buffer.h"

/* The place of the elements of the buffer or slice at index 1. */
static inline struct span self_span(lua_State *L, const struct buffer *buffer)
{
  struct span span;
  if (likely(buffer_look_at_owner(buffer, &span) == BUFFER_LIVE))
    return span;
  return buffer_span(L, 1, buffer);
}

static int out_of_range(lua_State *L, const struct buffer *buffer)
{
  return luaL_error(L, "pymalloc: index %s is out of range for %s",
                    binding_describe(L, 2), buffer_describe(L, buffer));
}

static int refuse_index(lua_State *L, const struct buffer *buffer)
{
  if (binding_is_huge(L, 2))
    return out_of_range(L, buffer);
  return luaL_error(L, "pymalloc: index must be an integer, got %s",
                    binding_describe(L, 2));
}

/* Pushes the value of a key that is not a number: a method, or the type. */
static int index_by_name(lua_State *L, const struct buffer *buffer)
{
  const char *name = binding_to_word(L, 2);
  if (lua_type(L, 2) != LUA_TSTRING)
    return refuse_index(L, buffer);
  if (name == NULL || strcmp(name, "type") != 0)
    return binding_push_method(L, &binding_buffer_type);
  lua_pushstring(L, element_name(buffer->type));
  return 1;
}

/* Is the offset that of an element of a live buffer that is not a slice? */
static inline bool is_element(const struct buffer *buffer, uint64_t offset)
{
  return buffer->data != NULL && buffer->heap->core != NULL &&
         offset < buffer->count;
}

/* The offset for the index at stack index 2: one less than it. */
static inline uint64_t offset_of(lua_State *L)
{
  return (uint64_t)lua_tointeger(L, 2) - 1;
}

static NOINLINE int index_slowly(lua_State *L, const struct buffer *buffer)
{
  lua_Integer position;
  if (unlikely(!binding_to_integer(L, 2, &position)))
    return index_by_name(L, buffer);
  struct span span = self_span(L, buffer);
  uint64_t offset = (uint64_t)position - 1;
  if (likely(offset < span.count)) {
    element_push(L, buffer->type, span.data, (size_t)offset);
    return 1;
  }
  if (offset != span.count)
    return out_of_range(L, buffer);
  lua_pushnil(L);
  return 1;
}

/* b[i] */
int buffer_index(lua_State *L)
{
  const struct buffer *buffer = buffer_check(L, 1);
  if (likely(lua_isinteger(L, 2))) {
    uint64_t offset = offset_of(L);
    if (likely(is_element(buffer, offset))) {
      element_push(L, buffer->type, buffer->data, (size_t)offset);
      return 1;
    }
  }
  return index_slowly(L, buffer);
}

static NOINLINE int new_index_slowly(lua_State *L, const struct buffer *buffer)
{
  lua_Integer position;
  if (unlikely(!binding_to_integer(L, 2, &position)))
    return refuse_index(L, buffer);
  struct span span = self_span(L, buffer);
  uint64_t offset = (uint64_t)position - 1;
  if (unlikely(offset >= span.count))
    return out_of_range(L, buffer);
  if (unlikely(!element_store(L, 3, buffer->type,
                              span_at(span, buffer->type, (size_t)offset))))
    return luaL_error(L, "pymalloc: %s", element_complain(L, 3, buffer->type));
  return 0;
}

/* b[i] = v */
int buffer_new_index(lua_State *L)
{
  const struct buffer *buffer = buffer_check(L, 1);
  if (likely(lua_isinteger(L, 2))) {
    uint64_t offset = offset_of(L);
    struct span span = {buffer->data, buffer->count};
    if (likely(is_element(buffer, offset) &&
               element_store(L, 3, buffer->type,
                             span_at(span, buffer->type, (size_t)offset))))
      return 0;
  }
  return new_index_slowly(L, buffer);
}

int buffer_length(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)self_span(L, buffer_check(L, 1)).count);
  return 1;
}

/* An iterator: the next index and element; nil behind the last one. */
static int next_element(lua_State *L)
{
  const struct buffer *buffer = buffer_check(L, 1);
  lua_Integer last;
  if (unlikely(!binding_to_integer(L, 2, &last) || last < 0))
    (void)binding_check_number(L, 2, "b:iter: index");
  struct span span = self_span(L, buffer);
  uint64_t offset = (uint64_t)last;
  if (unlikely(offset >= span.count)) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushinteger(L, last + 1);
  element_push(L, buffer->type, span.data, (size_t)offset);
  return 2;
}

/***
** b:iter(): iterates over indices and elements, as pairs(b) does.
** @treturn function
** @treturn pymalloc.Buffer
** @treturn integer
** @usage
** local sum = 0
** for _, value in b:iter() do sum = sum + value end
** sum --> 60
*/
int buffer_iter(lua_State *L)
{
  (void)buffer_span(L, 1, buffer_check(L, 1));
  lua_pushcfunction(L, next_element);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  return 3;
}
