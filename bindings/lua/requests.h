/*
** Requests: the methods of a heap that make, resize and free buffers. The heap
** is argument 1.
*/
#ifndef BINDING_REQUESTS_H
#define BINDING_REQUESTS_H

#include "buffer.h"

enum filling { FILL_NOTHING, FILL_ZERO };

/*
** The bytes of a number of elements. More than REQUEST_MAX_64 are an error,
** which begins with 'what'.
*/
uint64_t request_check_bytes(lua_State *L, const char *what, uint64_t count,
                             enum element type);

/*
** Pushes a buffer of the heap that is argument 1. If there is no memory, pushes
** the values of binding_no_memory and returns NULL. To be called in functions
** that binding_set_makers has set.
*/
struct buffer *request_push_buffer(lua_State *L, enum element type,
                                   uint64_t count, enum filling filling);

/* Ends a method with the result of request_push_buffer. */
int request_finish(lua_State *L, const struct buffer *buffer);

/* Methods of a heap, by the file that has them; binding_set_makers sets them. */
extern const luaL_Reg binding_request_methods[];
extern const luaL_Reg binding_contents_methods[];

#endif
