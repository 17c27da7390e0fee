/*
** pymalloc: CPython's small-object allocator as a C library.
**
** A heap is an allocator with its own state; there is no global state. A heap
** has no lock: one thread at a time may use it, as CPython's allocator is used
** under the GIL.
**
** Sizes are in bytes. Functions that return a pointer return NULL when memory
** is short; functions that return bool return false when they fail. The rules
** of placement are those of Objects/obmalloc.c of the CPython versions that
** pym_profiles lists.
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

typedef struct pym_heap pym_heap;

/*
** {==================================================================
** Version
** ===================================================================
*/

#define PYM_VERSION "1.0.0"
#define PYM_VERSION_NUM 10000 /* 10000 * major + 100 * minor + patch */

/*
** The PYM_VERSION_NUM of the library that runs. It can differ from that of the
** header that a program was compiled with if the library is a shared one.
*/
PYM_API int pym_version(void);

/* }================================================================== */

/*
** {==================================================================
** Geometry: the sizes and rules in which versions of CPython differ
** ===================================================================
*/

/* When an arena without live blocks is released. */
typedef enum pym_release {
  PYM_RELEASE_AT_ONCE,   /* in the free that empties it (3.6 to 3.8) */
  PYM_RELEASE_KEEP_LAST, /* not at the end of usable_arenas (3.9; bpo-37257) */
  PYM_RELEASE_NEVER      /* only when the heap is deleted */
} pym_release;

/* The sizes and rules of a heap; pym_geometry_check says which can be. */
typedef struct pym_geometry {
  size_t alignment;      /* of blocks, and the step between size classes */
  size_t threshold;      /* largest request that pools serve */
  size_t pool_bytes;     /* a power of two; pools are aligned to it */
  size_t arena_bytes;    /* a power of two */
  size_t arena_offset;   /* address of each arena modulo pool_bytes */
  unsigned address_bits; /* covered by the arena map (3.10); 0: no map */
  pym_release release;
} pym_geometry;

/* A geometry with a name. */
typedef struct pym_profile {
  const char *name;    /* "3.6" */
  const char *cpython; /* versions that have it: "3.11 to 3.15" */
  pym_geometry geometry;
} pym_profile;

/* All profiles, the default first; '*count' receives their number. */
PYM_API const pym_profile *pym_profiles(size_t *count);

/*
** The profile with a name, or that of a version of CPython, such as "3.6.15" or
** "3.12". NULL for other names, for versions before 3.6 and after 3.14, and
** for "3.7", because the profile changed in 3.7.4.
*/
PYM_API const pym_profile *pym_profile_find(const char *name);

/*
** Can a heap have this geometry? If not, writes the field, its value and the
** rule that it breaks into 'why': at most 'why_bytes' characters, which include
** a final zero. 'why' may be NULL.
*/
PYM_API bool pym_geometry_check(const pym_geometry *geometry, char *why,
                                size_t why_bytes);

/* Number of size classes. */
PYM_API size_t pym_class_count(const pym_geometry *geometry);

/* Block size of a class; class 0 is the smallest. */
PYM_API size_t pym_class_bytes(const pym_geometry *geometry, size_t szidx);

/* Number of blocks that a pool of a class holds. */
PYM_API size_t pym_class_capacity(const pym_geometry *geometry, size_t szidx);

/* Bytes of a pool of a class that are in neither header nor blocks. */
PYM_API size_t pym_class_waste(const pym_geometry *geometry, size_t szidx);

/* The class that serves a request of this many bytes; -1 if raw serves it. */
PYM_API ptrdiff_t pym_class_of(const pym_geometry *geometry, size_t request);

/* }================================================================== */

/*
** {==================================================================
** What a heap obtains memory from; tests replace it with one that fails
** ===================================================================
*/

/*
** The raw allocator serves the requests that pools do not, and the records of
** the heap itself. It is called as the functions of the C library are, with
** 'context' first, and never for zero bytes.
*/
typedef struct pym_raw {
  void *context;
  void *(*malloc)(void *context, size_t bytes);
  void *(*calloc)(void *context, size_t count, size_t bytes);
  void *(*realloc)(void *context, void *block, size_t bytes);
  void (*free)(void *context, void *block);
} pym_raw;

/* Size and alignment of the ranges for which pym_pages.large is called. */
#define PYM_LARGE_PAGE_BYTES ((size_t)2 << 20)

/*
** Addresses, and the pages of memory at them.
**
** 'reserve' returns a range of addresses, aligned to 'alignment', that is not
** accessible yet, or NULL. 'commit' makes a part of it usable. 'decommit'
** gives the pages of a part back; their content is lost, and the heap commits
** them again before their next use. 'release' ends a reservation.
**
** 'large' may be NULL. With 'begins' true it is called for a range of
** PYM_LARGE_PAGE_BYTES, aligned to them, before the first commit in it, and
** again only if that commit has failed: it may use a large page there, and make
** more of the range usable than is committed. With false it is called for the
** end of such a range, in which nothing is committed any more, so that it gives
** those pages back. The heap commits there before their next use, and does not
** call it with true for that range again.
*/
typedef struct pym_pages {
  void *context;
  size_t page_bytes;
  void *(*reserve)(void *context, size_t bytes, size_t alignment);
  bool (*commit)(void *context, void *address, size_t bytes);
  void (*decommit)(void *context, void *address, size_t bytes);
  void (*release)(void *context, void *address, size_t bytes);
  void (*large)(void *context, void *address, size_t bytes, bool begins);
} pym_pages;

/* The C library's malloc, and the operating system's pages: the defaults. */
PYM_API pym_raw pym_raw_default(void);
PYM_API pym_pages pym_pages_default(void);

/* }================================================================== */

/*
** {==================================================================
** Reports of misuse
** ===================================================================
*/

/* The guard bytes that debug hooks put around blocks: those of a version. */
typedef enum pym_debug {
  PYM_DEBUG_OFF,
  PYM_DEBUG_3_6, /* CB DB FB and a serial number: 32 bytes per block */
  PYM_DEBUG_3_8  /* CD DD FD: 24 bytes per block */
} pym_debug;

/* The guard bytes of the versions of CPython that have a geometry. */
PYM_API pym_debug pym_debug_of(const pym_geometry *geometry);

/* A misuse, or damage to memory, that a checked heap has found. */
typedef struct pym_misuse {
  const char *kind;    /* "double free", "bad trailing pad byte" */
  const void *address; /* of the block, or the address passed as one; NULL: the
                          misuse is not of a single block */
  const char *report;  /* all that is known, one or more lines */
} pym_misuse;

/*
** Is called for each misuse, as the last step of a request, so it may leave by
** longjmp. If it returns, the request fails: it returns NULL or frees nothing,
** and no live block has changed. A block may have left the quarantine. It is
** also called by pym_heap_delete, before anything is deleted: if it leaves by
** longjmp then, the heap is still there and can be deleted.
*/
typedef void (*pym_on_misuse)(void *context, const pym_misuse *misuse);

/* }================================================================== */

/*
** {==================================================================
** Heaps
** ===================================================================
*/

/*
** The options of a heap. Start from pym_options_default or pym_options_hosting,
** and change the fields that should differ.
*/
typedef struct pym_options {
  pym_geometry geometry;
  size_t max_arenas;    /* limit on arenas at one time; SIZE_MAX: none */
  size_t max_bytes;     /* limit on bytes asked of raw and committed in pages;
                           SIZE_MAX: none. A heap with a limit does not use
                           pages.large, and needs more of raw: a head of
                           alignof(max_align_t) bytes for each block, which
                           is not counted */
  size_t reserve_bytes; /* addresses to reserve, for at most 1,048,576
                           arenas; halved until the system grants it. The
                           default is 64 GiB; on 32 bits 256 MiB */
  size_t retain_bytes;  /* bytes of released arenas that stay committed */
  size_t cache_bytes;   /* bytes of free blocks that the cache keeps for
                           each size class; 0: cache_blocks alone decides */
  size_t cache_blocks;  /* number of these blocks; both 0: no cache. If the
                           system refuses its pages, a heap has none */
  bool medium;          /* a heap with a cache that is not checked serves
                           requests of 513 bytes to 128 KiB from spans: pages
                           in two more reservations, each of a quarter of
                           reserve_bytes. If retain_bytes is 32 MiB or more,
                           and reserve_bytes 256 MiB or more, also requests
                           up to 1 MiB: in a third one, of a sixteenth. Spans without a block stay committed
                           up to retain_bytes */
  bool count_hops;      /* walk usable_arenas as 3.6 and 3.7 do, and
                           count the steps (3.8 takes none; bpo-37029) */
  bool checked;         /* validate requests, and links before use */
  pym_debug debug;      /* debug hooks; the heap is then checked, too */
  size_t quarantine;    /* freed blocks that debug hooks keep back */
  uint64_t check_every; /* checked heaps: check all invariants after this many
                           requests; 0: never */
  /* NULL: the report is written to stderr, and the process aborts */
  pym_on_misuse on_misuse;
  void *misuse_context;
  pym_raw raw;
  pym_pages pages;
} pym_options;

/* The defaults: profile 3.6, no cache, no limits, no checks. */
PYM_API pym_options pym_options_default(void);

/*
** The options for hosting a program: profile 3.11 with pools of 32 KiB (16 KiB
** in CPython), a cache of at most 128 KiB and 1,024 blocks for each size class,
** medium requests from spans, and 512 MiB retained. Places are not CPython's:
** with the cache, a freed block is reused sooner, and an arena is released
** later. Where a reservation takes memory (WebAssembly), there are no spans.
*/
PYM_API pym_options pym_options_hosting(void);

/*
** A new heap; if 'options' is NULL, with the default options. On failure
** returns NULL and sets errno: EINVAL for a geometry that pym_geometry_check
** refuses, ENOMEM if memory is short. If the system refuses to reserve any
** addresses, the heap has no arenas, and raw serves every request.
*/
PYM_API pym_heap *pym_heap_new(const pym_options *options);

/*
** Deletes a heap and releases every arena and span. Live blocks that raw serves
** are not freed: they belong to the raw allocator. NULL is allowed. With debug
** hooks, every block is checked first, and misuse not reported before is
** reported.
*/
PYM_API void pym_heap_delete(pym_heap *heap);

/* The geometry that a heap was made with. */
PYM_API const pym_geometry *pym_heap_geometry(const pym_heap *heap);

/*
** Allocates a block of at least 'bytes'. A request of zero bytes returns a
** block, too (raw serves it). Returns NULL if memory is short, and for more
** than PTRDIFF_MAX bytes.
*/
PYM_API void *pym_malloc(pym_heap *heap, size_t bytes);

/*
** Allocates a block for 'count' elements of 'bytes' each, and sets these
** count * bytes to zero; bytes that the size class adds after them are not set.
** Returns NULL if memory is short, and if the product is more than PTRDIFF_MAX.
*/
PYM_API void *pym_calloc(pym_heap *heap, size_t count, size_t bytes);

/*
** Resizes a block and keeps the content that fits. The block stays in place if
** 'bytes' fit it and are more than three quarters of it (the rule of CPython's
** pymalloc_realloc); otherwise it moves. On a heap with a cache it also stays in
** place if it could only move to a block of the same size, and a block that grows
** can get up to a quarter more than it needs. Returns NULL if memory is short, and
** the block is then unchanged. If 'block' is NULL, it does as pym_malloc. A
** request of zero bytes never frees: it returns a block, as pym_malloc does.
*/
PYM_API void *pym_realloc(pym_heap *heap, void *block, size_t bytes);

/*
** The number of bytes of a live block that the program may use, at least as
** many as it has asked for. On a checked heap they are the bytes asked for. 0
** for NULL, for an address at which no block begins, and for a block that raw
** serves on a heap that is not checked: raw does not tell its size.
*/
PYM_API size_t pym_usable_size(const pym_heap *heap, const void *block);

/* Frees a live block of this heap. NULL is allowed. */
PYM_API void pym_free(pym_heap *heap, void *block);

/*
** Frees a block whose size the caller knows: 'bytes' is the size last requested
** for it. On a checked heap another size is a misuse.
*/
PYM_API void pym_free_sized(pym_heap *heap, void *block, size_t bytes);

/*
** pym_realloc for a block whose size the caller knows: 'old_bytes' is the size
** last requested for it. 'block' must not be NULL.
*/
PYM_API void *pym_realloc_sized(pym_heap *heap, void *block, size_t old_bytes,
                                size_t bytes);

/*
** A lua_Alloc, for lua_newstate(pym_lua_alloc, heap). The heap must not be
** deleted before the state is closed.
*/
PYM_API void *pym_lua_alloc(void *heap, void *block, size_t old_bytes,
                            size_t new_bytes);

/*
** Gives the pages of retained arenas, and of spans without a live block, back
** to the system, and returns their number of bytes. A heap with a cache first
** empties the cache and takes back the pools without a live block that it has
** borrowed, and releases the arena without live blocks that
** PYM_RELEASE_KEEP_LAST has kept. Without a cache, the call does not change the
** places of later blocks.
*/
PYM_API size_t pym_heap_trim(pym_heap *heap);

/*
** Lets the heap obtain 'count' more arenas; after that, it behaves as if the
** system had no memory for arenas. With SIZE_MAX there is no limit.
*/
PYM_API void pym_heap_allow_arenas(pym_heap *heap, size_t count);

/* }================================================================== */

/*
** {==================================================================
** Reading and checking a heap; nothing here allocates
** ===================================================================
*/

/* The place of an address in a heap. */
typedef struct pym_location {
  size_t arena;  /* slot in the arenas vector */
  size_t pool;   /* offset of the pool from the arena's first pool */
  size_t offset; /* of the address from the start of its pool */
} pym_location;

/*
** Finds the place of an address. Returns false, and leaves '*location', if the
** address is in no carved pool of a live arena.
*/
PYM_API bool pym_locate(const pym_heap *heap, const void *address,
                        pym_location *location);

/* The state of a carved pool. */
typedef enum pym_pool_state {
  PYM_POOL_EMPTY, /* no live block: on freepools of its arena */
  PYM_POOL_USED,  /* some live blocks: on usedpools of its class */
  PYM_POOL_FULL   /* only live blocks: on no list */
} pym_pool_state;

/* The state of a block of a pool. */
typedef enum pym_block_state {
  PYM_BLOCK_LIVE,
  PYM_BLOCK_FREE,   /* on its pool's free chain; of a pool that the cache has
                       borrowed, a block that is in no bin of the cache */
  PYM_BLOCK_VIRGIN, /* never carved */
  PYM_BLOCK_CACHED  /* in a bin of the heap's cache: free for the program, but
                       its pool counts it in 'live' */
} pym_block_state;

#define PYM_NO_SLOT SIZE_MAX /* in place of the slot of an arena: none */

/* A live arena, as a visitor gets it. */
typedef struct pym_arena_info {
  size_t index; /* slot in the arenas vector */
  const void *address;
  size_t nfreepools, ntotalpools;
  const void *pool_address; /* the next pool to carve */
  const void *freepools;    /* the empty pool given back last; NULL: none */
  /* slots of its neighbours on usable_arenas; PYM_NO_SLOT at the ends of the
     list, and for a full arena, which is not on it */
  size_t nextarena, prevarena;
  size_t serial; /* ordinal: 1 for the heap's first arena */
} pym_arena_info;

/*
** A carved pool, as a visitor gets it. 'freeblock', 'nextpool' and 'prevpool'
** are the links that its header has, also where the state of the pool leaves
** them stale; 'next' and 'prev' are the pools to which they lead.
**
** A pool that a heap with a cache has lent to the cache is used or full, and on
** no list. The cache knows its free blocks: 'freeblock' is NULL.
*/
typedef struct pym_pool_info {
  size_t arena;  /* slot of its arena */
  size_t offset; /* from the arena's first pool */
  const void *address;
  pym_pool_state state;
  size_t szidx;
  size_t block_bytes;
  size_t capacity; /* blocks it can hold */
  size_t live;     /* live blocks, and those in the heap's cache */
  const void *freeblock;
  const void *nextpool, *prevpool;
  const void *next; /* the next pool in usedpools of its class, or in freepools
                       of its arena; NULL: none, or the pool is full */
  const void *prev; /* the previous one in usedpools; NULL: none, or the pool is
                       not used */
  size_t arenaindex;    /* slot of its arena, as the header has it */
  size_t nextoffset;    /* of the first block that was never carved */
  size_t maxnextoffset; /* the largest at which a block fits */
} pym_pool_info;

/* A block of a pool, as a visitor gets it. */
typedef struct pym_block_info {
  size_t offset; /* from the start of its pool */
  const void *address;
  pym_block_state state;
} pym_block_info;

/*
** The functions that a walk calls. Any may be NULL; one that returns false ends
** the walk.
*/
typedef struct pym_visitor {
  void *context;
  bool (*arena)(void *context, const pym_arena_info *arena);
  bool (*pool)(void *context, const pym_pool_info *pool);
  bool (*block)(void *context, const pym_pool_info *pool,
                const pym_block_info *block);
} pym_visitor;

/*
** Visits the live arenas by slot; in each, the carved pools, and in each pool,
** the blocks, by address. The visitor must not use the heap. Returns false if
** the visitor ended the walk.
*/
PYM_API bool pym_walk(const pym_heap *heap, const pym_visitor *visitor);

/* Statistics of a heap. */
typedef struct pym_stats {
  size_t arenas_allocated_total; /* ever obtained */
  size_t arenas_reclaimed;       /* ever released */
  size_t arenas_highwater;
  size_t arenas_current;
  size_t arena_slots;   /* length of the arenas vector */
  size_t blocks;        /* live blocks, also raw ones and those of spans */
  size_t raw_blocks;    /* live blocks that raw serves */
  size_t held_blocks;   /* freed blocks in quarantine, counted as live */
  size_t medium_blocks; /* live blocks of spans; with the option 'medium' */
  size_t medium_bytes;  /* of these blocks */
  size_t span_bytes;    /* of spans that have pages */
  /* the next six add up to arena_bytes, the bytes of all live arenas */
  size_t allocated_bytes;    /* in live blocks */
  size_t available_bytes;    /* in free and virgin blocks of pools in use */
  size_t unused_pool_bytes;  /* in pools that are empty or not carved */
  size_t header_bytes;       /* in headers of pools in use */
  size_t quantization_bytes; /* after the last block of pools in use */
  size_t alignment_bytes;    /* before the first pool of each arena */
  size_t arena_bytes;
  size_t unused_pools;   /* pools that are empty or not carved */
  size_t retained_bytes; /* of released arenas that are still committed */
  size_t reserved_bytes; /* addresses reserved for arenas */
  size_t cached_blocks;  /* free blocks in the cache, counted as live */
  size_t cached_bytes;
  uint64_t hops;        /* steps along usable_arenas; with count_hops */
  size_t map_mid_nodes; /* of the arena map that CPython would have */
  size_t map_bot_nodes;
} pym_stats;

/* Statistics of a size class. */
typedef struct pym_class_stats {
  size_t pools;     /* pools in use */
  size_t live;      /* live blocks */
  size_t available; /* free and virgin blocks */
} pym_class_stats;

/*
** Counts arenas, pools and blocks by a walk over the heap. 'classes' is an
** array of pym_class_count elements, or NULL.
*/
PYM_API void pym_heap_stats(const pym_heap *heap, pym_stats *stats,
                            pym_class_stats *classes);

/* Receives text in pieces. If it returns false, writing ends. */
typedef bool (*pym_write)(void *context, const char *text, size_t bytes);

/* A pym_write whose context is a FILE *. */
PYM_API bool pym_write_file(void *file, const char *text, size_t bytes);

/*
** Writes the report of sys._debugmallocstats() on the small-object allocator,
** as CPython of this geometry does (_PyObject_DebugMallocStats). The section on
** the arena map, which 3.10 and later have, is written if 'with_arena_map' is
** true. Returns false if 'write' did.
*/
PYM_API bool pym_report(const pym_heap *heap, bool with_arena_map,
                        pym_write write, void *context);

/*
** Writes the whole state without addresses: the heap's own fields, arenas,
** pools and their free chains, and lists in order. Heaps in equal states write
** equal text. Returns false if 'write' did.
*/
PYM_API bool pym_dump(const pym_heap *heap, pym_write write, void *context);

/* A broken invariant. */
typedef struct pym_fault {
  const char *invariant; /* name of the broken one: "pool.count" */
  char text[240];        /* the place, the value there, the right value */
} pym_fault;

/*
** Checks every invariant. Each link is validated before it is followed, so
** that a damaged heap can be checked. If an invariant is broken, describes the
** first such in 'fault' and returns false. 'fault' may be NULL.
*/
PYM_API bool pym_check(const pym_heap *heap, pym_fault *fault);

/*
** Writes the report of a checked heap on an address; for a live block with
** guard bytes, the lines of CPython's _PyObject_DebugDumpAddress. Writes
** nothing if the heap is not checked. Returns false if 'write' did.
*/
PYM_API bool pym_describe(const pym_heap *heap, const void *address,
                          pym_write write, void *context);

/* Was the heap made with 'checked' or with debug hooks? */
PYM_API bool pym_is_checked(const pym_heap *heap);

/*
** Overwrites memory of a heap, to damage it on purpose. The heap must be
** checked, and the bytes must lie in one live arena; otherwise returns false
** and writes nothing.
*/
PYM_API bool pym_poke(pym_heap *heap, void *address, const void *bytes,
                      size_t count);

/* The names of all invariants; '*count' receives their number. */
PYM_API const char *const *pym_invariants(size_t *count);

/* }================================================================== */

#ifdef __cplusplus
}
#endif

#endif
