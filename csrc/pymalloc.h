/*
** pymalloc: CPython's small-object allocator as a C library.
**
** Every allocator is a heap of its own; nothing is global. A heap belongs to
** one thread at a time, as CPython's does under its lock.
**
** Sizes are in bytes. Functions that return a pointer return NULL when memory
** is short; functions that return bool return false when they fail.
**
** SPDX-License-Identifier: MIT
*/
#ifndef PYMALLOC_H
#define PYMALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PYM_API __attribute__((visibility("default")))
#else
#define PYM_API
#endif

#define PYM_VERSION "0.1.0"

typedef struct pym_heap pym_heap;

/*
** {==================================================================
** Geometry: the numbers that tell one CPython version from another
** ===================================================================
*/

/* When does a wholly free arena go back? */
typedef enum pym_release {
  PYM_RELEASE_AT_ONCE,   /* in the free that empties it (3.6 to 3.8) */
  PYM_RELEASE_KEEP_LAST, /* unless it is the last usable arena (3.9 on) */
  PYM_RELEASE_NEVER      /* only with the heap */
} pym_release;

typedef struct pym_geometry {
  size_t alignment;      /* of blocks, and the step between size classes */
  size_t threshold;      /* largest request served from pools */
  size_t pool_bytes;     /* a power of two; pools are aligned to it */
  size_t arena_bytes;    /* a power of two */
  size_t arena_offset;   /* by how much arenas miss the pool alignment */
  unsigned address_bits; /* covered by CPython's arena map; 0: it has none */
  pym_release release;
} pym_geometry;

typedef struct pym_profile {
  const char *name;    /* "3.6" */
  const char *cpython; /* the versions that have it: "3.6, 3.7.0 to 3.7.3" */
  pym_geometry geometry;
} pym_profile;

/* All profiles, the default first; '*count' receives how many. */
PYM_API const pym_profile *pym_profiles(size_t *count);

/*
** The profile of that name, or the one that a version of CPython has: "3.6.15"
** and "3.12" are such. NULL for one before 3.6 or after 3.14, and for "3.7":
** its profile changed with 3.7.4.
*/
PYM_API const pym_profile *pym_profile_find(const char *name);

/*
** Is this a geometry that a heap can have? If not, writes into 'why' (at most
** 'why_bytes', always ended by a zero; may be NULL) the field, its value and
** the rule it breaks.
*/
PYM_API bool pym_geometry_check(const pym_geometry *geometry, char *why,
                                size_t why_bytes);

/* Number of size classes. */
PYM_API size_t pym_class_count(const pym_geometry *geometry);

/* Block size of a class; class 0 is the smallest. */
PYM_API size_t pym_class_bytes(const pym_geometry *geometry, size_t szidx);

/* Number of blocks that a pool of a class holds. */
PYM_API size_t pym_class_capacity(const pym_geometry *geometry, size_t szidx);

/* Bytes of a pool of a class that are neither header nor block. */
PYM_API size_t pym_class_waste(const pym_geometry *geometry, size_t szidx);

/* The class that serves a request, or -1 where it goes to raw. */
PYM_API ptrdiff_t pym_class_of(const pym_geometry *geometry, size_t request);

/* }================================================================== */

/*
** {==================================================================
** What a heap stands on; replaceable, so that tests can make it fail
** ===================================================================
*/

/* The general-purpose allocator below. No size it is asked for is zero. */
typedef struct pym_raw {
  void *context;
  void *(*malloc)(void *context, size_t bytes);
  void *(*calloc)(void *context, size_t count, size_t bytes);
  void *(*realloc)(void *context, void *block, size_t bytes);
  void (*free)(void *context, void *block);
} pym_raw;

/*
** Addresses and the pages behind them. 'reserve' gives addresses aligned to
** 'alignment' that nobody may touch yet, or NULL; 'commit' makes a part
** usable; 'decommit' lets its pages go (its content is lost, and it is
** committed again before the next use); 'release' ends a reservation.
** 'large' (may be NULL) tells that a range, aligned to PYM_LARGE_PAGE_BYTES,
** begins to fill up, so that large pages are welcome there: it may make more
** of it usable than is committed. When the range is used no more, and has
** nothing committed, it is told so, and lets those pages go.
*/
#define PYM_LARGE_PAGE_BYTES ((size_t)2 << 20)

typedef struct pym_pages {
  void *context;
  size_t page_bytes;
  void *(*reserve)(void *context, size_t bytes, size_t alignment);
  bool (*commit)(void *context, void *address, size_t bytes);
  void (*decommit)(void *context, void *address, size_t bytes);
  void (*release)(void *context, void *address, size_t bytes);
  void (*large)(void *context, void *address, size_t bytes, bool begins);
} pym_pages;

/* The C library's allocator, and the operating system's pages. */
PYM_API pym_raw pym_raw_default(void);
PYM_API pym_pages pym_pages_default(void);

/* }================================================================== */

/*
** {==================================================================
** Misuse, and what is told of it
** ===================================================================
*/

/* Which version's bytes the debug hooks put around blocks. */
typedef enum pym_debug {
  PYM_DEBUG_OFF,
  PYM_DEBUG_3_6, /* CB DB FB and a serial number: 32 bytes a block */
  PYM_DEBUG_3_8  /* CD DD FD: 24 bytes a block */
} pym_debug;

/* The byte layout of CPython with this geometry. */
PYM_API pym_debug pym_debug_of(const pym_geometry *geometry);

/* A misuse or a damage that a checked heap has found. */
typedef struct pym_misuse {
  const char *kind;    /* "double free", "bad trailing pad byte" */
  const void *address; /* of the block, or what was taken for one */
  const char *report;  /* all that is known, in lines */
} pym_misuse;

/*
** Is called for each report of misuse, as the last thing that a request does; it may
** leave by longjmp. Where it returns, the request does too: refused (NULL,
** or nothing freed), and the heap as it was.
*/
typedef void (*pym_on_misuse)(void *context, const pym_misuse *misuse);

/* }================================================================== */

/*
** {==================================================================
** Heaps
** ===================================================================
*/

typedef struct pym_options {
  pym_geometry geometry;
  size_t max_arenas;    /* most arenas at once; SIZE_MAX: no limit */
  size_t max_bytes;     /* most bytes from raw and pages; SIZE_MAX: any */
  size_t reserve_bytes; /* wanted, at most 1,048,576 arenas; halved until
                           the system grants it */
  size_t retain_bytes;  /* of released arenas that stay committed */
  size_t cache_bytes;   /* free bytes that a size class may keep in front of
                           the exact heap; 0: any, if cache_blocks says */
  size_t cache_blocks;  /* and free blocks; both 0: there is no cache */
  bool count_hops;      /* walk usable_arenas as 3.6 did, and count */
  bool checked;         /* validate each request and each link */
  pym_debug debug;      /* debug hooks; they are checked as well */
  size_t quarantine;    /* freed blocks that debug hooks hold back */
  uint64_t check_every; /* requests, on checked heaps; 0: never */
  /* NULL: the report goes to stderr, and the process ends */
  pym_on_misuse on_misuse;
  void *misuse_context;
  pym_raw raw;
  pym_pages pages;
} pym_options;

/* The options of a new heap with nothing said: profile 3.6. */
PYM_API pym_options pym_options_default(void);

/*
** The options for hosting a program rather than studying one: those above,
** with a cache and more retained. Blocks then come back sooner, arenas later.
*/
PYM_API pym_options pym_options_hosting(void);

/*
** A new heap, or NULL: errno is then EINVAL for a geometry that
** pym_geometry_check refuses, ENOMEM for a want of memory. Without options
** (NULL) the default ones. A heap whose reservation is refused altogether
** sends every request to raw.
*/
PYM_API pym_heap *pym_heap_new(const pym_options *options);

/*
** Ends a heap and gives back every arena. Blocks that went to raw belong to
** the raw allocator: those still live are not freed. NULL is allowed. Debug
** hooks look at every block once more, and tell what was not told before.
*/
PYM_API void pym_heap_delete(pym_heap *heap);

/* The geometry a heap was made with. */
PYM_API const pym_geometry *pym_heap_geometry(const pym_heap *heap);

/*
** A block of at least 'bytes', or NULL. Zero bytes are a request like any
** other (raw serves it). Over PTRDIFF_MAX: NULL, nothing touched.
*/
PYM_API void *pym_malloc(pym_heap *heap, size_t bytes);

/*
** A block for 'count' things of 'bytes' each, of which exactly count * bytes
** are zero: what the size class adds keeps its old content. NULL where the
** product passes PTRDIFF_MAX.
*/
PYM_API void *pym_calloc(pym_heap *heap, size_t count, size_t bytes);

/*
** Resizes a block, keeping the content that fits. In place where it fits and
** more than three quarters of the block stay in use; else it moves. NULL when
** there is no memory: the block is then as it was. realloc(NULL, n) is
** malloc(n); realloc(p, 0) is a block of zero bytes, never a free.
*/
PYM_API void *pym_realloc(pym_heap *heap, void *block, size_t bytes);

/* Gives a block back. NULL is allowed. */
PYM_API void pym_free(pym_heap *heap, void *block);

/*
** The same for a caller who knows the size last asked for. A checked heap
** refuses any other.
*/
PYM_API void pym_free_sized(pym_heap *heap, void *block, size_t bytes);

/*
** pym_realloc for a caller who knows the size last asked for. 'block' is not
** NULL.
*/
PYM_API void *pym_realloc_sized(pym_heap *heap, void *block, size_t old_bytes,
                                size_t bytes);

/*
** A lua_Alloc: lua_newstate(pym_lua_alloc, heap). The heap has to outlive the
** state.
*/
PYM_API void *pym_lua_alloc(void *heap, void *block, size_t old_bytes,
                            size_t new_bytes);

/*
** Gives the pages of retained arenas to the system; returns their bytes. A
** heap with a cache first empties that, and gives up the wholly free arena
** that the rule "keep the last" has left it. Without a cache the places of
** later blocks are those they would have had.
*/
PYM_API size_t pym_heap_trim(pym_heap *heap);

/*
** Lets 'count' more arenas be obtained, then refuses; SIZE_MAX: never refuses.
** For experiments with a system that has no memory.
*/
PYM_API void pym_heap_allow_arenas(pym_heap *heap, size_t count);

/* }================================================================== */

/*
** {==================================================================
** Looking at a heap. Nothing here allocates or changes it.
** ===================================================================
*/

/* Where an address lies. */
typedef struct pym_location {
  size_t arena;  /* slot in the arenas vector */
  size_t pool;   /* offset of the pool from the arena's first pool */
  size_t offset; /* of the address in its pool */
} pym_location;

/* Does the address lie in a carved pool of a live arena, and where? */
PYM_API bool pym_locate(const pym_heap *heap, const void *address,
                        pym_location *location);

typedef enum pym_pool_state {
  PYM_POOL_EMPTY, /* no block is live: on its arena's freepools */
  PYM_POOL_USED,  /* some are: on usedpools of its class */
  PYM_POOL_FULL   /* all are: on no list */
} pym_pool_state;

typedef enum pym_block_state {
  PYM_BLOCK_LIVE,
  PYM_BLOCK_FREE,   /* on its pool's free chain */
  PYM_BLOCK_VIRGIN, /* never carved */
  PYM_BLOCK_CACHED  /* in the heap's cache: nobody has it, but to its pool it
                       is live, and counted in 'live' */
} pym_block_state;

typedef struct pym_arena_info {
  size_t index; /* slot in the arenas vector */
  const void *address;
  size_t nfreepools, ntotalpools;
} pym_arena_info;

typedef struct pym_pool_info {
  size_t arena;  /* slot of its arena */
  size_t offset; /* from the arena's first pool */
  const void *address;
  pym_pool_state state;
  size_t szidx;
  size_t block_bytes;
  size_t capacity; /* blocks it can hold */
  size_t live;     /* blocks in use, and those that the heap's cache keeps */
} pym_pool_info;

typedef struct pym_block_info {
  size_t offset; /* from the start of its pool */
  const void *address;
  pym_block_state state;
} pym_block_info;

/* What to call for each thing found; any may be NULL. false ends the walk. */
typedef struct pym_visitor {
  void *context;
  bool (*arena)(void *context, const pym_arena_info *arena);
  bool (*pool)(void *context, const pym_pool_info *pool);
  bool (*block)(void *context, const pym_pool_info *pool,
                const pym_block_info *block);
} pym_visitor;

/*
** Visits the live arenas by slot, the carved pools of each and the blocks of
** each pool by address. The visitor must not allocate from this heap. Returns
** false where a visitor ended the walk.
*/
PYM_API bool pym_walk(const pym_heap *heap, const pym_visitor *visitor);

typedef struct pym_stats {
  size_t arenas_allocated_total; /* ever obtained */
  size_t arenas_reclaimed;       /* ever released */
  size_t arenas_highwater;
  size_t arenas_current;
  size_t arena_slots; /* length of the arenas vector */
  size_t blocks;      /* live, raw ones too */
  size_t raw_blocks;  /* live ones that raw serves */
  size_t held_blocks; /* freed ones in quarantine, counted as live */
  /* the bytes of all live arenas, by what they are: the six add up to it */
  size_t allocated_bytes;    /* in live blocks */
  size_t available_bytes;    /* in free and virgin blocks of pools in use */
  size_t unused_pool_bytes;  /* in pools that are empty or not carved */
  size_t header_bytes;       /* in headers of pools in use */
  size_t quantization_bytes; /* behind the last block of pools in use */
  size_t alignment_bytes;    /* before the first pool of arenas */
  size_t arena_bytes;        /* their sum */
  size_t unused_pools;
  size_t retained_bytes; /* of released arenas that are still committed */
  size_t reserved_bytes; /* addresses set aside */
  size_t cached_blocks;  /* live ones to the heap, that its cache keeps */
  size_t cached_bytes;
  uint64_t hops;        /* along usable_arenas, as 3.6 would; count_hops */
  size_t map_mid_nodes; /* of the arena map that CPython would have */
  size_t map_bot_nodes;
} pym_stats;

typedef struct pym_class_stats {
  size_t pools;     /* in use */
  size_t live;      /* blocks */
  size_t available; /* blocks, free and virgin */
} pym_class_stats;

/*
** Counts everything, by a walk. 'classes' has room for pym_class_count
** elements, or is NULL.
*/
PYM_API void pym_heap_stats(const pym_heap *heap, pym_stats *stats,
                            pym_class_stats *classes);

/* Receives text piece by piece; false stops the writing. */
typedef bool (*pym_write)(void *context, const char *text, size_t bytes);

/* A pym_write whose context is a FILE *. */
PYM_API bool pym_write_file(void *file, const char *text, size_t bytes);

/*
** Writes the text of sys._debugmallocstats() as CPython of this geometry
** would; the arena map section (3.10 and later) only where asked for. false
** where 'write' failed.
*/
PYM_API bool pym_report(const pym_heap *heap, bool with_arena_map,
                        pym_write write, void *context);

/*
** Writes the whole state, with no address in it: globals, arenas, pools and
** their free chains, lists in order. false where 'write' failed.
*/
PYM_API bool pym_dump(const pym_heap *heap, pym_write write, void *context);

typedef struct pym_fault {
  const char *invariant; /* its name: "pool.count" */
  char text[240];        /* where, what was found, what should be */
} pym_fault;

/*
** Checks every invariant, following no link that it has not validated. At the
** first broken one describes it in 'fault' (may be NULL) and returns false.
*/
PYM_API bool pym_check(const pym_heap *heap, pym_fault *fault);

/*
** Writes what a checked heap knows of an address: for a live block the lines
** of CPython's _PyObject_DebugDumpAddress. false where 'write' failed.
*/
PYM_API bool pym_describe(const pym_heap *heap, const void *address,
                          pym_write write, void *context);

/* Does the heap validate requests and links (checked, or with debug hooks)? */
PYM_API bool pym_is_checked(const pym_heap *heap);

/*
** Writes bytes behind the heap's back, for experiments with damage: only on a
** checked heap, and only inside one live arena. false where it
** may not be; nothing is then written.
*/
PYM_API bool pym_poke(pym_heap *heap, void *address, const void *bytes,
                      size_t count);

/* The names of all invariants; '*count' receives how many. */
PYM_API const char *const *pym_invariants(size_t *count);

/* }================================================================== */

#ifdef __cplusplus
}
#endif

#endif
