/*
** Arguments of functions that scripts call. 'what' is how errors name an
** argument: "heap:malloc: size".
*/
#ifndef BINDING_ARGUMENT_H
#define BINDING_ARGUMENT_H

#include <lauxlib.h>
#include <lua.h>

#include "base/base.h"

/* Pushes a description of the value for messages: "2.5", "a string". */
const char *binding_describe(lua_State *L, int index);

/* A lua_CFunction that returns the description of its argument. */
int binding_described(lua_State *L);

/* Is the value a float that is a whole number? If so, stores it. */
bool binding_float_to_integer(lua_State *L, int index, lua_Integer *value);

/*
** Is the value an integer, or a float that is a whole number? If so, stores it.
** As with the keys of tables, a string is not taken for a number.
*/
static inline bool binding_to_integer(lua_State *L, int index,
                                      lua_Integer *value)
{
  if (unlikely(!lua_isinteger(L, index)))
    return binding_float_to_integer(L, index, value);
  *value = lua_tointeger(L, index);
  return true;
}

/* Is the value a whole number that does not fit a lua_Integer? */
bool binding_is_huge(lua_State *L, int index);

/*
** Pushes "'name'" for a string, with each zero byte as "\0"; other values as
** binding_describe does.
*/
const char *binding_quote(lua_State *L, int index);

/* The integer at 'index'. Raises an error if it is not in 'least' to 'most'. */
lua_Integer binding_check_integer(lua_State *L, int index, const char *what,
                                  lua_Integer least, lua_Integer most);

/* The largest integer that is a size. */
#define BINDING_SIZE_MAX \
  ((lua_Integer)(SIZE_MAX < LUA_MAXINTEGER ? SIZE_MAX : LUA_MAXINTEGER))

/* The number at 'index': an integer that is not negative. */
uint64_t binding_check_number(lua_State *L, int index, const char *what);

/* The same as a size: SIZE_MAX for a number that no size can have. */
size_t binding_check_size(lua_State *L, int index, const char *what);

/*
** The integer at 'index' as an address. An integer that is not an address of
** this machine becomes the last address, UINTPTR_MAX, where no block lies.
*/
const void *binding_check_address(lua_State *L, int index, const char *what);

/* The string at 'index', or NULL if it is not a string or holds a zero byte. */
const char *binding_to_word(lua_State *L, int index);

/* Returns nil, a message and "ENOMEM". */
int binding_no_memory(lua_State *L, uint64_t bytes);

#endif
