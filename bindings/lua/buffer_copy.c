/*
** b:copy: elements of a buffer, of a string of bytes or of a table into a
** buffer.
**
** Elements of another type are converted as by b[i] = source[i]. All of them
** are converted before the first one is copied, so that one that does not fit
** changes nothing, and so that the two buffers may overlap. The converted
** elements are in a scratch userdata, which is the value at index 6. Making it,
** and the metamethods of a table, may run anything: what is copied from and to
** is looked up afterwards.
*/
#include "argument.h"
#include "buffer.h"

enum { SELF = 1, SOURCE, AT, FIRST, LAST, SCRATCH };

/* The place in b of 'count' elements from argument 3 on. */
static unsigned char *check_place(lua_State *L, size_t count)
{
  const struct buffer *buffer = buffer_check(L, SELF);
  struct span to = buffer_span(L, SELF, buffer);
  lua_Integer at = 1;
  if (!lua_isnil(L, AT))
    at = binding_check_integer(L, AT, "b:copy: at", 1,
                               (lua_Integer)to.count + 1);
  if (count > to.count - (size_t)(at - 1))
    luaL_error(L, "pymalloc: b:copy: %I elements at %I do not fit %s",
               (LUAI_UACINT)count, (LUAI_UACINT)at, buffer_describe(L, buffer));
  return span_at(to, buffer->type, (size_t)(at - 1));
}

/* The elements of the source that arguments 4 and 5 name. */
static struct span check_range(lua_State *L, struct span all, enum element type)
{
  return buffer_range(L, FIRST, BUFFER_RANGE("b:copy"), all, type);
}

static int finish(lua_State *L)
{
  lua_settop(L, SELF);
  return 1;
}

/* Copies bytes that are elements of the type of b already. */
static int copy_bytes(lua_State *L, enum element type)
{
  struct span from =
      check_range(L, buffer_source(L, SOURCE, "b:copy: source", type), type);
  memmove(check_place(L, from.count), from.data, span_bytes(from, type));
  return finish(L);
}

/*
** {==================================================================
** Elements that are converted
** ===================================================================
*/

/* The scratch, which was made with so many bytes. */
static unsigned char *check_scratch(lua_State *L, size_t bytes)
{
  unsigned char *scratch = lua_touserdata(L, SCRATCH);
  if (scratch == NULL || lua_rawlen(L, SCRATCH) != bytes)
    luaL_error(L, "pymalloc: b:copy: the converted elements are gone");
  return scratch;
}

/* Copies the scratch, which has 'count' elements of the type, to b. */
static int copy_scratch(lua_State *L, enum element type, size_t count)
{
  size_t bytes = count << element_shift(type);
  unsigned char *to = check_place(L, count);
  if (buffer_check(L, SELF)->type != type)
    return luaL_error(L, "pymalloc: b:copy: b is gone");
  memcpy(to, check_scratch(L, bytes), bytes);
  return finish(L);
}

static int refuse_element(lua_State *L, size_t position, enum element type)
{
  return luaL_error(L, "pymalloc: b:copy: element %I: %s",
                    (LUAI_UACINT)position,
                    element_complain(L, lua_gettop(L), type));
}

/* The live source, which was looked up before and had so many elements. */
static struct span look_again(lua_State *L, enum element type, size_t count)
{
  const struct buffer *source = buffer_check(L, SOURCE);
  struct span from = check_range(L, buffer_span(L, SOURCE, source), type);
  if (source->type != type || from.count != count)
    luaL_error(L, "pymalloc: b:copy: the source has changed");
  return from;
}

static int copy_converted(lua_State *L, enum element type,
                          const struct buffer *source)
{
  enum element from_type = source->type;
  struct span from = check_range(L, buffer_span(L, SOURCE, source), from_type);
  size_t count = from.count, bytes = element_bytes(type);
  (void)check_place(L, count);
  unsigned char *scratch = binding_push_scratch(L, count * bytes);
  from = look_again(L, from_type, count);
  for (size_t i = 0; i < count; i++)
    if (!element_convert(from_type, span_at(from, from_type, i), type,
                         scratch + i * bytes)) {
      element_push(L, from_type, from.data, i);
      return refuse_element(L, i + 1, type);
    }
  return copy_scratch(L, type, count);
}

/* The number of elements of a table, by its metamethod if it has one. */
static struct span table_elements(lua_State *L)
{
  lua_Integer count = luaL_len(L, SOURCE);
  if (count < 0)
    luaL_error(L, "pymalloc: b:copy: the table has %I elements",
               (LUAI_UACINT)count);
  return (struct span){NULL, size_of_number((uint64_t)count)};
}

static int copy_table(lua_State *L, enum element type)
{
  lua_Integer first = 1;
  size_t count = check_range(L, table_elements(L), ELEMENT_u8).count;
  size_t bytes = element_bytes(type);
  if (!lua_isnil(L, FIRST))
    first = lua_tointeger(L, FIRST);
  (void)check_place(L, count);
  (void)binding_push_scratch(L, count * bytes);
  for (size_t i = 0; i < count; i++) {
    (void)lua_geti(L, SOURCE, first + (lua_Integer)i);
    if (!element_store(L, -1, type,
                       check_scratch(L, count * bytes) + i * bytes))
      return refuse_element(L, (size_t)first + i, type);
    lua_pop(L, 1);
  }
  return copy_scratch(L, type, count);
}

/* }================================================================== */

/***
** b:copy(source [, at [, first [, last]]]): copies elements into b. Elements of
** a buffer of another type are converted as by b[i] = source[i]. The source may
** overlap b, as a slice or a view of it. If the elements do not fit, or the
** type of b does not have one of their values, an error is raised and nothing
** is copied.
** @tparam pymalloc.Buffer|string|table source a string has the bytes of elements
** of the type of b, as b:string() returns them
** @tparam[opt] integer at index in b of the first element copied; default 1
** @tparam[opt] integer first index in the source of the first element to copy,
** default 1
** @tparam[opt] integer last the default is that of the last one
** @treturn pymalloc.Buffer b itself
** @usage
** b:copy(b:slice(1, 2), 2)
** table.concat(b, " ") --> 10 10 20
** b:copy({ 1, 2, 3 }, 1, 2, 3)[1] --> 2
** b:copy(heap:buffer("f64", { 7 })):totable() --> { 7, 3, 20 }
*/
static int copy(lua_State *L)
{
  lua_settop(L, LAST);
  const struct buffer *buffer = buffer_check(L, SELF);
  enum element type = buffer->type;
  (void)buffer_span(L, SELF, buffer);
  const struct buffer *source = binding_test(L, SOURCE, &binding_buffer_type);
  if (lua_istable(L, SOURCE))
    return copy_table(L, type);
  if (source != NULL && source->type != type)
    return copy_converted(L, type, source);
  if (source == NULL && lua_type(L, SOURCE) != LUA_TSTRING)
    return luaL_error(L,
                      "pymalloc: b:copy: source must be a buffer, a string or "
                      "a table, got %s",
                      binding_describe(L, SOURCE));
  return copy_bytes(L, type);
}

const luaL_Reg buffer_copy_methods[] = {{"copy", copy}, {NULL, NULL}};
