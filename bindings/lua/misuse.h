/*
** Reports of misuse of checked heaps, raised as errors.
*/
#ifndef BINDING_MISUSE_H
#define BINDING_MISUSE_H

#include "heap.h"

/* Raises the report of misuse on the request just made, if there is one. */
void binding_raise_misuse(lua_State *L, struct binding_heap *heap);

/* Gives the report as a warning, where no error can be raised. */
void binding_warn_misuse(lua_State *L, struct binding_heap *heap);

/* The handler of reports of misuse; its context is the struct binding_heap. */
void binding_on_misuse(void *context, const pym_misuse *misuse);

#endif
