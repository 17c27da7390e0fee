/*
** The site of a request of CPython: the innermost frame of the call stack of
** its thread. The recorder remembers the stack of the last request, and looks
** up only the frames that are different now:
**
**   last request    main:30   load:12   parse:7
**   this request    main:30   load:12   parse:8   add:3
**                   \______ known ____/  \__ to be found __/
**
** A frame is found by the site of its caller, its code object and its
** instruction, in tables that forget a code object when it is freed. If a frame
** is not in the tables, its text is made, and a site is defined for it.
**
** If a stack has more than 'depth' frames, its outermost frames are left out.
** The same frame stays the outermost one of the rest while the rest has from
** half of 'depth' to 'depth' frames. Otherwise each call or return would change
** the sites of all frames.
**
** Each interpreter has its own tables, which need no lock: the threads of an
** interpreter have one GIL.
*/
#ifndef PYTHON_SITES_H
#define PYTHON_SITES_H

#include <stdbool.h>
#include <stdint.h>

#define SITES_DEPTH_MAX 64u

struct sites; /* the stack and the tables of an interpreter */

/* For a new interpreter. NULL: there is no memory. */
struct sites *sites_new(void);

/* Forgets everything: a new interpreter is at the address of an ended one. */
void sites_clear(struct sites *sites);

/*
** The site of a request of a PyThreadState: its innermost frame. If outer
** frames are left out, the outermost of the rest has the parent "...". 'depth'
** is 1 to SITES_DEPTH_MAX. 0: there are no frames.
*/
uint32_t sites_find(struct sites *sites, const void *thread, unsigned depth);

/* May the block, which is freed now, be a code object with sites? */
bool sites_may_have(const void *block);

/* Forgets the frames of the code object, if it is one. */
void sites_forget(struct sites *sites, const void *block);

#endif
