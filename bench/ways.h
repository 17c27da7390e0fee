/*
** The ways to call an allocator, and the workloads compiled for each way.
*/
#ifndef WAYS_H
#define WAYS_H

#include "pymalloc.h"
#include "workloads.h"

typedef size_t (*workload_fn)(size_t n);

/* What the ways call. It is set before a workload runs. */
extern struct ways_calls {
  /* Functions called by address, as a program calls those of a shared library. */
  void *(*plain_malloc)(size_t bytes);
  void (*plain_free)(void *block);
  void *(*plain_realloc)(void *block, size_t bytes);
  void (*sized_free)(void *block, size_t bytes);
  /* Functions that take a heap. */
  void *heap;
  void *(*heap_malloc)(void *heap, size_t bytes);
  void (*heap_free)(void *heap, void *block);
  void (*heap_free_sized)(void *heap, void *block, size_t bytes);
  void *(*heap_realloc)(void *heap, void *block, size_t bytes);
  /* The heap that the inline functions of this library are called with. */
  pym_heap *own;
} ways_calls;

/* The workloads of each way, in the order of WORKLOADS. */
extern const workload_fn plain_workloads[], sized_workloads[], heap_workloads[],
    heap_sized_workloads[], heap_mixed_workloads[], inline_workloads[],
    inline_sized_workloads[], limit_workloads[], limit_called_workloads[];

#endif
