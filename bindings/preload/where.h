/*
** Finds where in the program a request comes from: the site of its call stack.
**
** The stack is unwound by the tables for exceptions, slowly, the first time it
** is seen. Its return addresses then become a path in a tree, whose nodes know
** where in the stack the next return address is, counted from the frame of the
** recorder's function:
**
**   return address     node    next one at    site
**   0x55d0 in load     1       + 72
**   0x5410 in main     2       + 136
**   0x7f01 in libc     3       end            12
**
** The next time, the word at the expected place leads to the next node. A place
** that is not always the same, because of an array of variable size in the
** frame, is marked: such stacks are unwound each time.
*/
#ifndef WHERE_H
#define WHERE_H

#include <stdbool.h>
#include <stdint.h>

#define WHERE_DEPTH_MAX 64u

/* The number of frames that are recorded; 0: none. */
extern unsigned where_depth __attribute__((visibility("hidden")));

/*
** Reads the wanted depth from the environment variable PYMALLOC_RECORD_DEPTH.
*/
void where_open(void);

/* Forgets all sites, in a forked child that begins a log. */
void where_restart(void);

/*
** The site of a request. 'frame' is the address of the frame of the function
** that the program has called, 'caller' its return address.
*/
uint32_t where_find(const char *frame, uintptr_t caller);

#endif
