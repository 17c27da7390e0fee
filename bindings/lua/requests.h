/*
** Requests: the methods of a heap that make, resize and free buffers.
*/
#ifndef BINDING_REQUESTS_H
#define BINDING_REQUESTS_H

#include <lauxlib.h>
#include <lua.h>

extern const luaL_Reg binding_request_methods[]; /* of a heap */

#endif
