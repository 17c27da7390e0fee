/*
** The object allocator of the CPython in this process, looked at from below:
** where its blocks lie, the headers of its pools, its report. There is one,
** and it cannot be reset: every comparison takes a fresh process.
*/
#ifndef REAL_H
#define REAL_H

#include "arenas.h"

struct real {
  struct arenas arenas;
  uintptr_t rings; /* of usedpools; 0 until the first pool tells */
};

enum real_status {
  REAL_OPEN,
  REAL_USED,     /* requests were made before */
  REAL_NO_MEMORY /* or no addresses */
};

/* Starts to watch; 'offset' as for arenas_open. */
enum real_status real_open(struct real *real, size_t offset);

/* To be called after the first small request: learns where usedpools is. */
void real_learn(struct real *real);

/* Writes the lines of all carved pools, by slot; returns how many. */
size_t real_headers(const struct real *real, struct writer *writer);

/*
** Writes the text of _PyObject_DebugMallocStats up to the arena map, whose
** figures depend on addresses; or all of it. false: no memory for it.
*/
bool real_report(struct writer *writer, bool with_arena_map);

/* The figure of that line of the report; SIZE_MAX where there is none. */
size_t real_figure(const char *label);

#endif
