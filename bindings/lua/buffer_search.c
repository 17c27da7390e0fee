/*
** Methods that compare elements: find and compare.
**
** Two numbers are equal as with ==, but a NaN equals every NaN, so that it can
** be found. In the order it comes after all numbers.
*/
#include "argument.h"
#include "buffer.h"

/* The cases of a switch over the types, from CASE(name, C type). */
#define CASE_OF_INTEGER(name, ctype, least, most) CASE(name, ctype)
#define ALL_CASES                   \
  ELEMENT_INTEGERS(CASE_OF_INTEGER) \
  ELEMENT_FLOATS(CASE)

#define SAME(a, b) ((a) == (b) || ((a) != (a) && (b) != (b)))

/* The index, from 0, of the first element with the value; count: none has. */
static size_t find_value(struct span span, enum element type,
                         const unsigned char *value)
{
  size_t i = 0;
  switch (type) {
#define CASE(name, ctype)                                              \
  case ELEMENT_##name: {                                               \
    ctype wanted, here;                                                \
    for (memcpy(&wanted, value, sizeof wanted); i < span.count; i++) { \
      memcpy(&here, span.data + i * sizeof here, sizeof here);         \
      if (SAME(here, wanted))                                          \
        break;                                                         \
    }                                                                  \
    break;                                                             \
  }
    ALL_CASES
#undef CASE
  case ELEMENT_COUNT:
    break;
  }
  return i;
}

/* The same for the first element from which on the bytes are equal. */
static size_t find_bytes(struct span span, enum element type,
                         struct span wanted)
{
  size_t bytes = span_bytes(wanted, type);
  if (wanted.count > span.count)
    return SIZE_MAX;
  for (size_t i = 0; i <= span.count - wanted.count; i++)
    if (memcmp(span_at(span, type, i), wanted.data, bytes) == 0)
      return i;
  return SIZE_MAX;
}

/***
** b:find(wanted [, first [, last]]): searches for a value, or for several
** elements in a row.
** @tparam number|string|pymalloc.Buffer wanted a number that the type can hold;
** or the bytes of whole elements as a string or as a buffer of the same type,
** which are compared as bytes
** @tparam[opt] integer first index, default 1
** @tparam[opt] integer last the last element that may be part of what is found,
** default #b
** @treturn integer index of the first element found; nil if there is none. A
** NaN is found by any NaN, and zero by a negative zero
** @usage
** b:find(20) --> 2
** b:find(20, 3) --> nil
** b:find(string.pack("<i4i4", 20, 30)) --> 2
*/
static int find(lua_State *L)
{
  unsigned char value[ELEMENT_BYTES_MAX];
  const struct buffer *buffer = buffer_check(L, 1);
  struct span span = buffer_span(L, 1, buffer), part;
  bool is_number = lua_type(L, 2) == LUA_TNUMBER;
  size_t found;
  if (is_number && !element_store(L, 2, buffer->type, value))
    return luaL_error(L, "pymalloc: b:find: %s",
                      element_complain(L, 2, buffer->type));
  part = buffer_range(L, 3, BUFFER_RANGE("b:find"), span, buffer->type);
  if (is_number)
    found = find_value(part, buffer->type, value);
  else
    found = find_bytes(part, buffer->type,
                       buffer_source(L, 2, "b:find: wanted", buffer->type));
  if (found == SIZE_MAX || (is_number && found == part.count))
    luaL_pushfail(L);
  else
    lua_pushinteger(L, (lua_Integer)found + 1 +
                           (part.data - span.data) /
                               (lua_Integer)element_bytes(buffer->type));
  return 1;
}

/*
** -1, 0 or 1: the order of two rows of elements. '*at' is the index, from 0, of
** the first one that differs or that only one row has.
*/
static int order_of(struct span one, struct span other, enum element type,
                    size_t *at)
{
  size_t shorter = one.count < other.count ? one.count : other.count, i = 0;
  int order = (one.count > other.count) - (one.count < other.count);
  switch (type) {
#define CASE(name, ctype)                              \
  case ELEMENT_##name: {                               \
    ctype a, b;                                        \
    for (; i < shorter; i++) {                         \
      memcpy(&a, one.data + i * sizeof a, sizeof a);   \
      memcpy(&b, other.data + i * sizeof b, sizeof b); \
      if (!SAME(a, b)) {                               \
        order = a < b || b != b ? -1 : 1;              \
        break;                                         \
      }                                                \
    }                                                  \
    break;                                             \
  }
    ALL_CASES
#undef CASE
  case ELEMENT_COUNT:
    break;
  }
  *at = i;
  return order;
}

/***
** b:compare(other [, first [, last]]): the order of b and other elements, by
** the first one that differs; if one of them has no such element, it is the
** lesser one.
** @tparam pymalloc.Buffer|string other a buffer of the same type, or the bytes
** of whole elements of it
** @tparam[opt] integer first index in b, default 1
** @tparam[opt] integer last default #b
** @treturn integer -1: b comes before the other; 0: both are equal; 1: after it.
** A NaN comes after all numbers, and a negative zero is equal to zero
** @treturn integer index in b of the first element that differs; nil if both
** are equal
** @usage
** b:compare(heap:buffer("i32", { 10, 25 })) --> -1 2
** b:compare(b:string()) --> 0 nil
** b:compare(b:slice(2), 2, 3) --> 0 nil
*/
static int compare(lua_State *L)
{
  size_t at;
  const struct buffer *buffer = buffer_check(L, 1);
  struct span span = buffer_span(L, 1, buffer);
  struct span part =
      buffer_range(L, 3, BUFFER_RANGE("b:compare"), span, buffer->type);
  struct span other = buffer_source(L, 2, "b:compare: other", buffer->type);
  int order = order_of(part, other, buffer->type, &at);
  lua_pushinteger(L, order);
  if (order == 0)
    luaL_pushfail(L);
  else
    lua_pushinteger(L, (lua_Integer)at + 1 +
                           (part.data - span.data) /
                               (lua_Integer)element_bytes(buffer->type));
  return 2;
}

const luaL_Reg buffer_search_methods[] = {
    {"find", find}, {"compare", compare}, {NULL, NULL}};
