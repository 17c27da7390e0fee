/*
** The allocator of a replay: its functions, and how it gives memory back.
*/
#ifndef REAL_ALLOCATOR_H
#define REAL_ALLOCATOR_H

#include <stdbool.h>
#include <stddef.h>

#include "real_plan.h"

struct real_allocator {
  void *(*malloc)(size_t);
  void *(*calloc)(size_t, size_t);
  void *(*realloc)(void *, size_t);
  void (*free)(void *);
};

/*
** Finds the functions, and writes the file that has them into the plan. false:
** the plan holds a sentence on the problem.
*/
bool real_allocator_find(struct real_allocator *allocator,
                         struct real_plan *plan);

/*
** Asks the allocator to return its free memory to the system, and writes the
** name of the function into the plan. false: no function is known.
*/
bool real_allocator_trim(struct real_plan *plan);

/*
** Makes blocks until the interpreter has no free block and no free pool left,
** so that every request of the replay gets one from new arenas.
*/
void real_python_fill(const struct real_allocator *allocator);

#endif
