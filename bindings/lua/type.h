/*
** The kinds of userdata. Every userdata of the binding begins with a seal, so
** that no script can forge one (type.c).
**
** Making any Lua object may run the collector, the collector runs finalizers,
** and a finalizer may close any heap and free any buffer. So every function of
** the binding makes its Lua objects first and looks at heaps afterwards, and
** keeps no pointer into a heap or a userdata while another object is made. By
** debug.setlocal a finalizer may even change the values on the stack of the
** function that was interrupted: a function that writes to a table of its own
** looks again whether it is one.
*/
#ifndef BINDING_TYPE_H
#define BINDING_TYPE_H

#include <lauxlib.h>
#include <lua.h>
#include <stdatomic.h>

#include "base/base.h"

/* A kind of userdata; its address is the registry's key of its metatable. */
struct binding_type {
  const char *name; /* "pymalloc.Heap" */
  uint64_t magic;   /* part of each object's seal */
  size_t bytes;
};

extern _Atomic uint64_t binding_secret; /* of this process */

/* The first word of an object of the type at that address. */
static inline uint64_t binding_seal(const struct binding_type *type,
                                    const void *object)
{
  return atomic_load_explicit(&binding_secret, memory_order_relaxed) ^
         type->magic ^ (uintptr_t)object;
}

/*
** Makes the metatable of a type: its functions, with an empty table for
** methods as their upvalue 1. Pushes the table for methods.
*/
void binding_new_type(lua_State *L, const struct binding_type *type,
                      const luaL_Reg *functions);

/* Pushes a new object, zeroed behind its seal, with one user value. */
void *binding_new(lua_State *L, const struct binding_type *type);

/*
** Sets functions in the table on the top of the stack, with the metatable of a
** type as their upvalue 1. In them binding_make does what binding_new does,
** without looking in the registry, which takes 120 instructions more.
*/
void binding_set_makers(lua_State *L, const struct binding_type *type,
                        const luaL_Reg *functions);
void *binding_make(lua_State *L, const struct binding_type *type);

/*
** The object of that type at 'index', or NULL. The seal decides, and not the
** metatable, which a script may have changed.
*/
static inline void *binding_test(lua_State *L, int index,
                                 const struct binding_type *type)
{
  void *object = lua_touserdata(L, index);
  bool is_of_type =
      likely(object != NULL && lua_rawlen(L, index) == type->bytes) &&
      likely(*(uint64_t *)object == binding_seal(type, object));
  return is_of_type ? object : NULL;
}

/* Raises the error that the value at 'index' is not of the type. */
void *binding_refuse(lua_State *L, int index, const struct binding_type *type);

/* The object of that type at 'index'. Any other value is an error. */
static inline void *binding_check(lua_State *L, int index,
                                  const struct binding_type *type)
{
  void *object = binding_test(L, index, type);
  return likely(object != NULL) ? object : binding_refuse(L, index, type);
}

/*
** Pushes memory for a copy of some state, from which Lua objects are then made.
** Making objects may change the state itself, by a finalizer, or because the
** Lua state is hosted on the heap.
*/
void *binding_push_scratch(lua_State *L, size_t bytes);

/*
** For __index: pushes the method with the name at index 2 from the table that
** is upvalue 1. An unknown name is an error.
*/
int binding_push_method(lua_State *L, const struct binding_type *type);

/* The same for types that have fields too. false: there is no such method. */
bool binding_find_method(lua_State *L);

#endif
