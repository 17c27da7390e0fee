/*
** For files of proofs/eva: a heap whose records and arenas lie at addresses that
** are numbers, so that Eva follows each execution exactly. Frama-C gets the
** option -absolute-valid-range 0x100000-0x10ffff.
*/
#ifndef NUMBERED_HEAP_H
#define NUMBERED_HEAP_H

#include <__fc_builtin.h>
#include <string.h>

#include "state/heap.h"

#define RECORDS ((uintptr_t)0x100000)
#define ARENAS ((uintptr_t)0x108000)
#define ARENA_BYTES 512u

static uintptr_t next_record = RECORDS;
static bool raw_serves = true;

static void *raw_malloc(void *context, size_t bytes)
{
  void *got = (void *)next_record;
  if (!raw_serves)
    return NULL;
  next_record += (bytes + 15) / 16 * 16;
  //@ check the_harness_has_memory: next_record <= 0x108000;
  return got;
}

static void *raw_calloc(void *context, size_t count, size_t bytes)
{
  void *got = raw_malloc(context, count * bytes);
  return got != NULL ? memset(got, 0, count * bytes) : NULL;
}

static void *raw_realloc(void *context, void *old, size_t bytes)
{
  return old == NULL ? raw_malloc(context, bytes) : NULL;
}

static void raw_free(void *context, void *old)
{
}

static void *reserve(void *context, size_t bytes, size_t alignment)
{
  return (void *)ARENAS;
}

static bool commit(void *context, void *address, size_t bytes)
{
  return true;
}

static void decommit(void *context, void *address, size_t bytes)
{
}

/* A heap of 6 classes, pools of 256 bytes and arenas of two pools. */
static pym_heap *make(size_t max_arenas)
{
  pym_options options = {.geometry = {.alignment = 16,
                                      .threshold = 96,
                                      .pool_bytes = 256,
                                      .arena_bytes = ARENA_BYTES,
                                      .release = PYM_RELEASE_AT_ONCE},
                         .max_arenas = max_arenas,
                         .max_bytes = SIZE_MAX,
                         .reserve_bytes = 8 * ARENA_BYTES,
                         .retain_bytes = ARENA_BYTES,
                         .raw = {.malloc = raw_malloc,
                                 .calloc = raw_calloc,
                                 .realloc = raw_realloc,
                                 .free = raw_free},
                         .pages = {.page_bytes = ARENA_BYTES,
                                   .reserve = reserve,
                                   .commit = commit,
                                   .decommit = decommit}};
  return pym_heap_new(&options);
}

#endif
