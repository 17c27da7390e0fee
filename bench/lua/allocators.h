/*
** The allocators on which bench-lua makes Lua states.
*/
#ifndef ALLOCATORS_H
#define ALLOCATORS_H

#include <lua.h>
#include <stdbool.h>

struct allocator {
  const char *name;
  const char *library; /* to open: a file name, or NAME of --peer NAME=PATH */
  const char *prefix;  /* of its functions */
  bool (*open)(const struct allocator *allocator, const char *path);
  lua_Alloc allocate; /* NULL: the state is made by luaL_newstate */
  const char *module; /* the state requires it first; NULL: none */
};

/*
** The table of allocators; '*count' receives its length. The others are
** compared with the first one.
*/
const struct allocator *allocators(size_t *count);

/*
** Opens an allocator in this process: its library at 'path', or, if that is
** NULL, where the system finds it. '*context' receives the first argument for
** its lua_Alloc. False: the library is missing or lacks a function.
*/
bool allocator_open(const struct allocator *allocator, const char *path,
                    void **context);

#endif
