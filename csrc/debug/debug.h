/*
** A checked heap is a heap with a layer above it that checks each request, and
** the memory that the request will use. Debug hooks are a checked heap that
** also writes CPython's guard bytes around every block (guard_bytes.h) and
** keeps freed blocks for a while (quarantine.h).
**
**   caller       malloc(n)                         free(p)
**     |             |                                |
**   debug        count the request; check everything, if check_every says so
**     |          check the links that the heap      check that p is live, its
**     |          will follow                        guard bytes, its links
**     |             |                                |
**   heap         heap_malloc(n + extra)            heap_free(q), later
**
** If a check fails, the request changes no live block; a block may have left
** the quarantine. The report of misuse goes to the handler as the last step
** before the request returns, so that the handler may leave by longjmp.
**
** The heap's own requests to the raw allocator get guard bytes too, with the id
** 'r', and the serial number counts both, as in CPython. A block gets the count
** after the requests that the heap made for it: the first block of a heap is
** call #2, because the request for the arenas vector came in between.
**
** The block table has the data about each block, outside of the blocks. So a
** free of an address that is not a block reads and writes no byte there.
**
** Taught in lesson 12; tested by spec/unit/debug_spec.lua and
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
  pym_raw raw;                             /* the heap's raw, without hooks */
  struct block_table blocks;
  struct quarantine quarantine;
  uint64_t requests; /* the number of the present or last request */
  uint64_t serial;   /* CPython's count of malloc, calloc and realloc calls */
  uint64_t check_every;
  atomic_flag is_busy; /* a request is under way */
  pym_on_misuse on_misuse;
  void *misuse_context;
  const char *kind;     /* the kind of the report on this request; NULL: none */
  const void *address;  /* the address that the report is about */
  struct writer writer; /* writes the report */
  size_t report_bytes;
  char report[REPORT_BYTES];
};

/* Puts the layer above a heap that has none. false: there is no memory. */
bool debug_open(pym_heap *heap, const pym_options *options);

/* Checks every block once more, and removes the layer. NULL is allowed. */
void debug_close(struct debug *debug);

#endif
