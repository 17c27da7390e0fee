/*
** The allocators that Lua states are made on.
*/
#ifndef ALLOCATORS_H
#define ALLOCATORS_H

#include <lua.h>
#include <stdbool.h>

struct allocator {
  const char *name;
  const char *library; /* to open, by its file or by the name of --peer */
  const char *prefix;  /* of its functions */
  bool (*open)(const struct allocator *allocator, const char *path);
  lua_Alloc allocate; /* NULL: the state is made by luaL_newstate */
  const char *module; /* that the state loads first; NULL: none */
};

/* All that are known, the one that others are compared with first. */
const struct allocator *allocators(size_t *count);

/*
** Makes it ready in this process, with the library at 'path' or where the
** system has it; false: it cannot be had. '*context' is for its lua_Alloc.
*/
bool allocator_open(const struct allocator *allocator, const char *path,
                    void **context);

#endif
