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

#include "serve/layer.h"
#include "debug/guard_bytes.h"
#include "base/writer.h"
#include "debug/quarantine.h"
#include "debug/block_table.h"

#define REPORT_BYTES 3072u

#define API_OBJECT 'o'
#define API_RAW 'r'

struct debug {
  struct heap_layer layer;
  pym_heap *heap;
  const struct guard_layout
      *guard_layout; /* NULL: checked, without debug hooks */
  pym_raw raw;       /* the heap's, without hooks */
  struct block_table blocks;
  struct quarantine quarantine;
  uint64_t requests; /* so far; the number of the one under way */
  uint64_t serial;   /* CPython's: calls of malloc, calloc and realloc */
  uint64_t check_every;
  atomic_flag is_busy; /* a request is under way */
  pym_on_misuse on_misuse;
  void *misuse_context;
  const char
      *kind; /* the report of misuse on the request under way; NULL: none */
  const void *address;
  struct writer writer; /* its report, while it is written */
  size_t report_bytes;
  char report[REPORT_BYTES];
};

/* Puts the layer above a heap that has none; false: no memory. */
bool debug_open(pym_heap *heap, const pym_options *options);

/* Takes it away, after a last look at every block; NULL is allowed. */
void debug_close(struct debug *debug);

/*
** {==================================================================
** Reports of misuse (misuse.c)
** ===================================================================
*/

/* Starts and ends a report; between them it is written to debug->writer. */
void misuse_begin(struct debug *debug, const char *kind, const void *address);
void misuse_end(struct debug *debug);

/* What is known of an address, in lines. */
void misuse_describe(const struct debug *debug, struct writer *writer,
                     const void *address);

/* The lines of CPython's dump of a live block with its guard bytes. */
void misuse_dump(const struct debug *debug, struct writer *writer,
                 const struct block_record *record);

/* Reports the bytes around a live block, by CPython's name. */
void misuse_pads(struct debug *debug, const struct block_record *record,
                 const char *kind, char api);

/* Reports an address that cannot be freed or resized. */
void misuse_address(struct debug *debug, const void *address,
                    const char *request);

/* Reports a size that is not the block's. */
void misuse_size(struct debug *debug, const struct block_record *record,
                 size_t bytes);

/* Reports a block in quarantine, where 'written' is not dead. */
void misuse_dead(struct debug *debug, const struct block_record *record,
                 const unsigned char *written);

/* Reports a broken invariant. */
void misuse_fault(struct debug *debug, const pym_fault *fault,
                  const void *address);

/* Ends the request; its report of misuse, if any, goes to the handler. */
void misuse_deliver(struct debug *debug);

/* Two threads at once: goes to the handler and touches nothing. */
void misuse_threads(const struct debug *debug);

/* }================================================================== */

/*
** {==================================================================
** Blocks and their bytes (hooks.c)
** ===================================================================
*/

/* What is wrong with the bytes around a live block, or NULL. */
const char *hooks_fault(const struct debug *debug,
                        const struct block_record *record);

/* The first byte of a held block that is not dead, or NULL. */
const unsigned char *hooks_written(const struct debug *debug,
                                   const struct block_record *record);

/* A block for the caller, or NULL. */
void *hooks_make(struct debug *debug, size_t bytes, bool is_zeroed);

/* A live block resized; NULL: it is as it was. */
void *hooks_resize(struct debug *debug, void *data, size_t bytes);

/* Takes a live block back, into the quarantine or to the heap. */
void hooks_release(struct debug *debug, void *data);

/* Lets the block go that was held the longest; false: with a report of misuse. */
bool hooks_drop_oldest(struct debug *debug);

/* What the heap asks of raw while there are hooks. */
pym_raw hooks_raw(struct debug *debug);

/* }================================================================== */

#endif
