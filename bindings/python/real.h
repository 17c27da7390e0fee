/*
** The object allocator of the CPython in this process: where its blocks lie,
** the headers of its pools, its report. A process has one such allocator, which
** cannot be reset, so that every comparison needs a new process.
*/
#ifndef REAL_H
#define REAL_H

#include "arenas.h"

struct real {
  struct arenas arenas;
  uintptr_t rings; /* address of usedpools; 0 until real_learn has found it */
};

/* To be called after the first small request: finds where usedpools is. */
void real_learn(struct real *real);

/* Writes the lines of all carved pools by slot. Returns their number. */
size_t real_headers(const struct real *real, struct writer *writer);

/*
** Writes the text of _PyObject_DebugMallocStats; without 'with_arena_map' only
** up to the arena map, whose figures depend on addresses. Returns false if
** there is no memory.
*/
bool real_report(struct writer *writer, bool with_arena_map);

/* Can CPython write a report? A CPython 2.7 cannot. */
bool real_has_report(void);

/* The number of size classes, from the report; 0: it cannot be read. */
size_t real_classes(void);

/* The figure of the report with that label; SIZE_MAX: there is none. */
size_t real_figure(const char *label);

#endif
