/*
** Functions of pymalloc.core that modules for specs call: a light userdata in
** the registry points to them.
*/
#ifndef BINDING_DOOR_H
#define BINDING_DOOR_H

#include <lua.h>

#include "base/base.h" /* whose names.h renames a member */

#define BINDING_DOOR "pymalloc.door"

struct binding_door {
  int (*push_heap)(lua_State *L, const pym_options *options,
                   const char *profile);
  pym_heap *(*check_heap)(lua_State *L, int index);
};

#endif
