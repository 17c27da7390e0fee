/*
** A checked heap is a heap with a layer above it that trusts nobody: neither
** the caller nor the memory. Debug hooks are a checked heap that also puts
** CPython's guard bytes around every block (guard_bytes.h) and holds freed blocks
** back (quarantine.h).
**
**   caller       malloc(n)                         free(p)
**     |             |                                |
**   debug        count the request; is it due to check everything?
**     |          are the links whole that the       is p live? are its pads
**     |          heap will follow?                  whole? its links?
**     |             |                                |
**   heap         heap_malloc(n + extra)            heap_free(q), later
**
** Each request either does all it says or, where something is wrong, nothing:
** the report of misuse goes to the handler as the last thing before the request
** returns, so that the handler may leave by longjmp.
**
** The heap's own requests to raw are wrapped too, with the id 'r', and the
** serial number counts both, as in CPython: the first block of a heap is
** call #2, because the arenas vector is call #1.
**
** What is known of each block is in a block table, outside the blocks. So a free
** of an address that is no block's start touches no byte of it.
**
** Taught in lesson 11; tested by spec/unit/debug_spec.lua and
** spec/unit/checked_spec.lua.
*/
#ifndef DEBUG_H
#define DEBUG_H

#include <stdatomic.h>

#include "base/writer.h"
#include "debug/block_table.h"
#include "debug/guard_bytes.h"
#include "debug/quarantine.h"
#include "serve/layer.h"

#define REPORT_BYTES 3072u

#define API_OBJECT 'o'
#define API_RAW 'r'

struct debug {
  struct heap_layer layer;
  pym_heap *heap;
  const struct guard_layout *guard_layout; /* NULL: without debug hooks */
  pym_raw raw;                             /* the heap's, without hooks */
  struct block_table blocks;
  struct quarantine quarantine;
  uint64_t requests; /* so far; the number of the one under way */
  uint64_t serial;   /* CPython's: calls of malloc, calloc and realloc */
  uint64_t check_every;
  atomic_flag is_busy; /* a request is under way */
  pym_on_misuse on_misuse;
  void *misuse_context;
  const char *kind;     /* of the report on this request; NULL: none */
  const void *address;  /* that the report is about */
  struct writer writer; /* of the report, while it is written */
  size_t report_bytes;
  char report[REPORT_BYTES];
};

/* Puts the layer above a heap that has none; false: no memory. */
bool debug_open(pym_heap *heap, const pym_options *options);

/* Takes it away, after a last look at every block; NULL is allowed. */
void debug_close(struct debug *debug);

#endif
