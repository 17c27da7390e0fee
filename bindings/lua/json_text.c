/*
** Tables as JSON: core.json(value, null).
**
** Writing makes no Lua object, so that no finalizer can change a table or the
** stack in the middle. The text goes into a userdata that the function keeps
** from call to call, so that an error can be written when there is no memory
** left. If the text does not fit, it is only measured, the userdata is replaced
** by a larger one, and the text is written once more.
*/
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "json_text.h"
#include "type.h"

#define FIRST_ROOM ((size_t)32 * 1024)
#define DEEPEST 100 /* as pymalloc.json reads */
#define NUMBER_BYTES 40

/* The arguments of the function, and the userdata that it keeps. */
enum { VALUE = 1, NO_VALUE };
#define ROOM lua_upvalueindex(1)

struct json_text {
  char *bytes;
  size_t room, count; /* 'count' grows also if there is no room */
  int depth;          /* arrays and objects around what is written next */
};

/* NOLINTBEGIN(misc-no-recursion): a table in a table is written by the same
   functions; 'enter' raises an error at DEEPEST. */

static void write_value(lua_State *L, struct json_text *text);

/*
** Raises a message, which is on the top, without a place in Lua's code: readers
** of the page see it. NULL: there was no memory for it.
*/
static int refuse(lua_State *L, const char *message)
{
  if (message == NULL)
    lua_pushliteral(L, "not enough memory"); /* Lua has it: none is needed */
  return lua_error(L);
}

static void add(struct json_text *text, const char *piece, size_t bytes)
{
  if (text->bytes != NULL && text->count <= text->room &&
      bytes <= text->room - text->count)
    memcpy(text->bytes + text->count, piece, bytes);
  text->count += bytes;
}

static void add_sign(struct json_text *text, char sign)
{
  add(text, &sign, 1);
}

/*
** {==================================================================
** Values that are not tables
** ===================================================================
*/

/* The letter behind the backslash of a short escape, or 0. */
static char short_escape(char sign)
{
  static const char signs[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
  const char *found = sign == '\0' ? NULL : strchr(signs, sign);
  if (found == NULL)
    return '\0';
  return letters[found - signs];
}

static void add_escape(struct json_text *text, char sign)
{
  char escape[] = {'\\', short_escape(sign)};
  char number[8];
  if (escape[1] != '\0') {
    add(text, escape, sizeof escape);
    return;
  }
  (void)snprintf(number, sizeof number, "\\u%04x", (unsigned char)sign);
  add(text, number, 6);
}

static bool is_escaped(unsigned char sign)
{
  return sign < 0x20 || sign == 0x7f || sign == '"' || sign == '\\';
}

static void add_string(lua_State *L, int index, struct json_text *text)
{
  size_t bytes, from = 0;
  const char *string = lua_tolstring(L, index, &bytes);
  add_sign(text, '"');
  for (size_t i = 0; i < bytes; i++) {
    if (!is_escaped((unsigned char)string[i]))
      continue;
    add(text, string + from, i - from);
    add_escape(text, string[i]);
    from = i + 1;
  }
  add(text, string + from, bytes - from);
  add_sign(text, '"');
}

/* A float has a point or an exponent, and is so read as a float. */
static void add_float(double value, struct json_text *text)
{
  char digits[NUMBER_BYTES];
  if (!isfinite(value)) {
    add(text, "null", 4);
    return;
  }
  int bytes = snprintf(digits, sizeof digits, "%.17g", value);
  add(text, digits, (size_t)bytes);
  if (strpbrk(digits, ".e") == NULL)
    add(text, ".0", 2);
}

static void add_number(lua_State *L, struct json_text *text)
{
  char digits[NUMBER_BYTES];
  if (!lua_isinteger(L, -1)) {
    add_float(lua_tonumber(L, -1), text);
    return;
  }
  int bytes = snprintf(digits, sizeof digits, LUA_INTEGER_FMT,
                       (LUAI_UACINT)lua_tointeger(L, -1));
  add(text, digits, (size_t)bytes);
}

/* }================================================================== */

/*
** {==================================================================
** Arrays and objects
** ===================================================================
*/

/* Raises an error if the table on the top is too deep, or has no room. */
static void enter(lua_State *L, struct json_text *text)
{
  if (++text->depth > DEEPEST)
    (void)refuse(L, lua_pushfstring(L,
                                    "JSON: no more than %d arrays and objects "
                                    "inside each other",
                                    DEEPEST));
  luaL_checkstack(L, LUA_MINSTACK, "JSON: a table");
}

/* The elements of the table on the top, up to the first that is nil. */
static void write_array(lua_State *L, struct json_text *text)
{
  add_sign(text, '[');
  for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
    if (i > 1)
      add_sign(text, ',');
    write_value(L, text);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  add_sign(text, ']');
}

/* Is the string at the index 'one' before the one at 'other'? */
static bool is_before(lua_State *L, int one, int other)
{
  size_t bytes, other_bytes;
  const char *first = lua_tolstring(L, one, &bytes);
  const char *second = lua_tolstring(L, other, &other_bytes);
  size_t both = bytes < other_bytes ? bytes : other_bytes;
  int order = memcmp(first, second, both);
  return order < 0 || (order == 0 && bytes < other_bytes);
}

static void swap(lua_State *L, int one, int other)
{
  lua_pushvalue(L, one);
  lua_copy(L, other, one);
  lua_replace(L, other);
}

/* Lets the string at 'root' sink in a heap of strings, the last one on top. */
static void sift(lua_State *L, int base, int root, int count)
{
  for (int child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count && is_before(L, base + child, base + child + 1))
      child++;
    if (!is_before(L, base + root, base + child))
      return;
    swap(L, base + root, base + child);
  }
}

/* Sorts 'count' strings on the stack from 'base' on. */
static void sort(lua_State *L, int base, int count)
{
  for (int root = count / 2; root-- > 0;)
    sift(L, base, root, count);
  for (int last = count; --last > 0;) {
    swap(L, base, base + last);
    sift(L, base, 0, last);
  }
}

/* Pushes the keys of the table at 'table', sorted. Returns their number. */
static int push_names(lua_State *L, int table)
{
  int count = 0;
  lua_pushnil(L);
  while (lua_next(L, table) != 0) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING)
      return refuse(
          L, lua_pushfstring(L, "JSON: a name must be a string, got a %s",
                             luaL_typename(L, -1)));
    luaL_checkstack(L, LUA_MINSTACK, "JSON: a table");
    lua_pushvalue(L, -1); /* for lua_next, above the key that stays */
    count++;
  }
  sort(L, table + 1, count);
  return count;
}

/* The fields of the table on the top. */
static void write_object(lua_State *L, struct json_text *text)
{
  int table = lua_gettop(L);
  int count = push_names(L, table);
  add_sign(text, '{');
  for (int i = 1; i <= count; i++) {
    if (i > 1)
      add_sign(text, ',');
    add_string(L, table + i, text);
    add_sign(text, ':');
    lua_pushvalue(L, table + i);
    lua_rawget(L, table);
    write_value(L, text);
    lua_pop(L, 1);
  }
  add_sign(text, '}');
  lua_settop(L, table);
}

/* A table without element 1 is an object, and an empty one is an array. */
static bool is_object(lua_State *L)
{
  bool has_first = lua_rawgeti(L, -1, 1) != LUA_TNIL;
  lua_pop(L, 1);
  lua_pushnil(L);
  if (has_first || lua_next(L, -2) == 0) {
    lua_pop(L, has_first ? 1 : 0);
    return false;
  }
  lua_pop(L, 2);
  return true;
}

static void write_table(lua_State *L, struct json_text *text)
{
  if (lua_rawequal(L, -1, NO_VALUE)) {
    add(text, "null", 4);
    return;
  }
  enter(L, text);
  if (is_object(L))
    write_object(L, text);
  else
    write_array(L, text);
  text->depth--;
}

/* }================================================================== */

/* Adds the value on the top. */
static void write_value(lua_State *L, struct json_text *text)
{
  int type = lua_type(L, -1);
  if (type == LUA_TTABLE)
    write_table(L, text);
  else if (type == LUA_TSTRING)
    add_string(L, -1, text);
  else if (type == LUA_TNUMBER)
    add_number(L, text);
  else if (type == LUA_TNIL)
    add(text, "null", 4);
  else if (type == LUA_TBOOLEAN)
    add(text, lua_toboolean(L, -1) ? "true" : "false",
        lua_toboolean(L, -1) ? 4 : 5);
  else
    (void)refuse(L, lua_pushfstring(L, "JSON: a %s cannot be written",
                                    lua_typename(L, type)));
}

/* NOLINTEND(misc-no-recursion) */

/*
** core.json(value, null): a value as JSON on one line. Names are in ascending
** order of their bytes. The table 'null' is written as null.
*/
static int json(lua_State *L)
{
  struct json_text text = {0};
  for (;;) {
    text.bytes = lua_touserdata(L, ROOM);
    text.room = text.bytes == NULL ? 0 : (size_t)lua_rawlen(L, ROOM);
    text.count = 0;
    text.depth = 0;
    lua_settop(L, NO_VALUE);
    lua_pushvalue(L, VALUE);
    write_value(L, &text);
    if (text.count <= text.room)
      break;
    binding_push_scratch(L, text.count + text.count / 4);
    lua_replace(L, ROOM);
  }
  lua_pushlstring(L, text.bytes, text.count);
  return 1;
}

void binding_set_json(lua_State *L)
{
  binding_push_scratch(L, FIRST_ROOM);
  lua_pushcclosure(L, json, 1);
  lua_setfield(L, -2, "json");
}
