/*
** Checks the arguments of functions that scripts call. A string is not taken
** for a number, nor a number with a fraction for an integer. An error names the
** argument, what was got and what is allowed.
*/
#include <math.h>
#include <string.h>

#include "argument.h"

const char *binding_describe(lua_State *L, int index)
{
  switch (lua_type(L, index)) {
  case LUA_TNUMBER:
    lua_pushvalue(L, index);
    break;
  case LUA_TBOOLEAN:
    lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
    break;
  case LUA_TSTRING:
    lua_pushliteral(L, "a string");
    break;
  case LUA_TNIL:
  case LUA_TNONE:
    lua_pushliteral(L, "nil");
    break;
  default:
    if (luaL_getmetafield(L, index, "__name") != LUA_TSTRING)
      lua_pushfstring(L, "a %s", luaL_typename(L, index));
    break;
  }
  return lua_tostring(L, -1);
}

/* core.describe(x): the same, for messages that Lua makes. */
int binding_described(lua_State *L)
{
  luaL_checkany(L, 1);
  (void)binding_describe(L, 1);
  return 1;
}

/* Pushes the string at 'index' in quotes, each zero byte in it as "\\0". */
static const char *quote_string(lua_State *L, int index)
{
  size_t bytes;
  luaL_Buffer quoted;
  const char *string = lua_tolstring(L, index, &bytes);
  luaL_buffinit(L, &quoted);
  luaL_addchar(&quoted, '\'');
  for (size_t i = 0; i < bytes; i++)
    if (string[i] == '\0')
      luaL_addlstring(&quoted, "\\0", 2);
    else
      luaL_addchar(&quoted, string[i]);
  luaL_addchar(&quoted, '\'');
  luaL_pushresult(&quoted);
  return lua_tostring(L, -1);
}

const char *binding_quote(lua_State *L, int index)
{
  return lua_type(L, index) == LUA_TSTRING ? quote_string(L, index)
                                           : binding_describe(L, index);
}

bool binding_float_to_integer(lua_State *L, int index, lua_Integer *value)
{
  int is_whole = 0;
  if (lua_type(L, index) == LUA_TNUMBER)
    *value = lua_tointegerx(L, index, &is_whole);
  return is_whole;
}

/* Every finite float from 2^53 on is a whole number. */
bool binding_is_huge(lua_State *L, int index)
{
  lua_Number number = lua_tonumber(L, index);
  return lua_type(L, index) == LUA_TNUMBER && isfinite(number) &&
         (number < (lua_Number)LUA_MININTEGER ||
          number >= -(lua_Number)LUA_MININTEGER);
}

lua_Integer binding_check_integer(lua_State *L, int index, const char *what,
                                  lua_Integer least, lua_Integer most)
{
  lua_Integer value = 0;
  bool is_integer = binding_to_integer(L, index, &value);
  if (!is_integer && !binding_is_huge(L, index))
    luaL_error(L, "pymalloc: %s must be an integer, got %s", what,
               binding_describe(L, index));
  if (!is_integer || value < least || value > most)
    luaL_error(L, "pymalloc: %s must be from %I to %I, got %s", what,
               (LUAI_UACINT)least, (LUAI_UACINT)most,
               binding_describe(L, index));
  return value;
}

uint64_t binding_check_number(lua_State *L, int index, const char *what)
{
  return (uint64_t)binding_check_integer(L, index, what, 0, LUA_MAXINTEGER);
}

size_t binding_check_size(lua_State *L, int index, const char *what)
{
  return size_of_number(binding_check_number(L, index, what));
}

const void *binding_check_address(lua_State *L, int index, const char *what)
{
  lua_Integer address =
      binding_check_integer(L, index, what, LUA_MININTEGER, LUA_MAXINTEGER);
  return (const void *)(uintptr_t)size_of_number((uint64_t)address);
}

const char *binding_to_word(lua_State *L, int index)
{
  size_t bytes;
  if (lua_type(L, index) != LUA_TSTRING)
    return NULL;
  const char *word = lua_tolstring(L, index, &bytes);
  return strlen(word) == bytes ? word : NULL;
}

int binding_no_memory(lua_State *L, uint64_t bytes)
{
  luaL_pushfail(L);
  lua_pushfstring(L, "pymalloc: no memory for %I bytes", (LUAI_UACINT)bytes);
  lua_pushliteral(L, "ENOMEM");
  return 3;
}
