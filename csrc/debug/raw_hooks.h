/*
** The raw allocator of a heap with debug hooks: it puts guard bytes around the
** heap's own raw blocks too, as in CPython.
*/
#ifndef RAW_HOOKS_H
#define RAW_HOOKS_H

#include "debug/debug.h"

pym_raw raw_hooks(struct debug *debug);

#endif
