/*
** Arguments of functions that scripts call. 'what' is how errors name an
** argument: "heap:malloc: size".
*/
#ifndef BINDING_ARGUMENT_H
#define BINDING_ARGUMENT_H

#include <lauxlib.h>
#include <lua.h>

#include "base/base.h"

/* Pushes what a person would call the value: "2.5", "a string". */
const char *binding_describe(lua_State *L, int index);

/* The same as a function of Lua's. */
int binding_described(lua_State *L);

/* Is it a float that is a whole number? Writes it to '*value'. */
bool binding_float_to_integer(lua_State *L, int index, lua_Integer *value);

/*
** Is it an integer, or a float that is a whole number, as a table's key may
** be? Strings are not. Writes it to '*value'.
*/
static inline bool binding_to_integer(lua_State *L, int index,
                                      lua_Integer *value)
{
  if (unlikely(!lua_isinteger(L, index)))
    return binding_float_to_integer(L, index, value);
  *value = lua_tointeger(L, index);
  return true;
}

/* Is it a whole number that no lua_Integer holds? */
bool binding_is_huge(lua_State *L, int index);

/* Pushes "'name'" for a string, else as binding_describe. */
const char *binding_quote(lua_State *L, int index);

/* An integer from 'least' to 'most'. */
lua_Integer binding_check_integer(lua_State *L, int index, const char *what,
                                  lua_Integer least, lua_Integer most);

/* A number of bytes or things: an integer that is not negative. */
size_t binding_check_size(lua_State *L, int index, const char *what);

/* An address: any integer. */
const void *binding_check_address(lua_State *L, int index, const char *what);

/* A string that holds no zero byte, or NULL. */
const char *binding_to_word(lua_State *L, int index);

/* Returns nil, a message and "ENOMEM". */
int binding_no_memory(lua_State *L, size_t bytes);

#endif
