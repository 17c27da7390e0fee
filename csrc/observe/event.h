/*
** An event is one step of the allocator inside one request. It has the kind of
** the step, the record that the step is about, and the fields that it changed,
** with their old and new values. An event has no addresses: the same requests
** cause the same events.
**
**   request 7: malloc(24)
**     pool_take     arena 0: freepools 0:4096 -> -, nfreepools 61 -> 60
**     arena_regroup group 61: 0 -> -, group 60: - -> 0
**     pool_reuse_same
**     pool_link     pool 0:4096: nextpool - -> class 2 ...
**     block_pop     pool 0:4096: ref_count 0 -> 1, freeblock 72 -> 48 ...
**
** The fields of events are the whole state of the allocator. The changes of a
** request, applied in order, turn the state before it into the state after it;
** undone in reverse order, they turn it back. A value is EVENT_ABSENT if the
** record does not exist: the header of a pool that is not carved, or the link
** of a block that is not free.
**
** Two kinds are details, of which a single request may cause thousands: the
** free blocks and pools that are forgotten when a pool changes its class or an
** arena is released. The event 'arenas_grow' does not list the new slots: they
** have no arena and are chained in ascending order.
**
** Tested by spec/unit/event_spec.lua.
*/
#ifndef EVENT_H
#define EVENT_H

#include "base/base.h"

/* The kinds of events. X(symbol, name, meaning) */
#define EVENTS(X)                                                              \
  X(REQUEST, "request", "a request begins")                                    \
  X(REFUSED, "refused", "a request fails and returns NULL")                    \
  X(RAW_ALLOC, "raw_alloc", "raw serves a request")                            \
  X(RAW_REALLOC, "raw_realloc", "a raw block is resized and stays raw")        \
  X(RAW_FREE, "raw_free", "a raw block is freed")                              \
  X(REALLOC_IN_PLACE, "realloc_in_place", "a block is resized in place")       \
  X(REALLOC_MOVE, "realloc_move", "a block will be moved: malloc, copy, free") \
  X(BLOCK_POP, "block_pop", "the first free block of a pool becomes live")     \
  X(BLOCK_CARVE, "block_carve",                                                \
    "a virgin block is carved and is the only free one of its pool")           \
  X(BLOCK_PUSH, "block_push",                                                  \
    "a live block becomes the first free block of its pool")                   \
  X(BLOCK_FORGET, "block_forget",                                              \
    "a free block is dropped from a free chain (detail)")                      \
  X(POOL_TAKE, "pool_take",                                                    \
    "an arena supplies the pool given back to it last")                        \
  X(POOL_CARVE, "pool_carve", "an arena supplies a virgin pool")               \
  X(POOL_INIT, "pool_init", "a virgin pool gets its class")                    \
  X(POOL_REUSE_SAME, "pool_reuse_same",                                        \
    "an empty pool gets its old class: its free chain is kept")                \
  X(POOL_REUSE_OTHER, "pool_reuse_other",                                      \
    "an empty pool gets another class: its free chain is dropped")             \
  X(POOL_LINK, "pool_link", "a new pool is linked at the front of usedpools")  \
  X(POOL_FULL, "pool_full", "a pool without a free block leaves usedpools")    \
  X(POOL_UNFULL, "pool_unfull",                                                \
    "a pool that was full is linked at the front of usedpools")                \
  X(POOL_EMPTY, "pool_empty", "a pool without a live block leaves usedpools")  \
  X(POOL_GIVE, "pool_give", "an empty pool is given back to its arena")        \
  X(POOL_FORGET, "pool_forget",                                                \
    "a pool ceases to exist with its arena (detail)")                          \
  X(ARENAS_GROW, "arenas_grow", "the arenas vector gets more slots")           \
  X(ARENA_NEW, "arena_new", "an arena is obtained")                            \
  X(ARENA_RELEASE, "arena_release",                                            \
    "an arena without live blocks is released")                                \
  X(ARENA_KEEP_LAST, "arena_keep_last",                                        \
    "an arena without live blocks is kept, by the release rule")               \
  X(ARENA_UNUSABLE, "arena_unusable",                                          \
    "an arena without a free pool leaves usable_arenas")                       \
  X(ARENA_USABLE, "arena_usable",                                              \
    "an arena is linked at the front of usable_arenas")                        \
  X(ARENA_MOVE, "arena_move",                                                  \
    "an arena moves towards the end of usable_arenas")                         \
  X(ARENA_REGROUP, "arena_regroup",                                            \
    "an arena stays in place, and is in another group of nfp2lasta")

#define EVENT_ENUM(symbol, name, meaning) EVENT_##symbol,
enum event_kind { EVENTS(EVENT_ENUM) EVENT_KIND_COUNT };
#undef EVENT_ENUM

/* Sets of kinds: one bit for each kind. */
#define EVENT_BIT(kind) ((uint64_t)1 << (kind))
#define EVENT_ALL (EVENT_BIT(EVENT_KIND_COUNT) - 1)
#define EVENT_DETAILS \
  (EVENT_BIT(EVENT_BLOCK_FORGET) | EVENT_BIT(EVENT_POOL_FORGET))

/*
** The kinds of records whose fields change. A number says which record of its
** kind one is: 0 for the heap; the slot of an arena; the number of free pools
** of a group of nfp2lasta; the class of a ring header in usedpools; the offset
** of a pool or a block from the region's base.
*/
#define EVENT_RECORDS(X) \
  X(HEAP, "heap")        \
  X(ARENA, "arena")      \
  X(GROUP, "group")      \
  X(CLASS, "class")      \
  X(POOL, "pool")        \
  X(BLOCK, "block")

#define EVENT_ENUM(symbol, name) EVENT_OF_##symbol,
enum event_record { EVENT_RECORDS(EVENT_ENUM) EVENT_RECORD_COUNT };
#undef EVENT_ENUM

/* The form of a field's value. All but EVENT_NUMBER can be EVENT_NOWHERE. */
enum event_form {
  EVENT_NUMBER,
  EVENT_PLACE, /* an offset from the region's base */
  EVENT_LINK,  /* the same, of a pool; or EVENT_RING + class */
  EVENT_SLOT   /* of the arenas vector */
};

#define EVENT_NOWHERE UINT64_MAX         /* NULL */
#define EVENT_ELSEWHERE (UINT64_MAX - 1) /* no place of this heap */
#define EVENT_ABSENT (UINT64_MAX - 2)    /* the record does not exist */
#define EVENT_RING ((uint64_t)1 << 62)   /* the header of a class */

/*
** The fields. X(symbol, record, name, form, type, member): the field is
** 'member' of a struct of that type.
*/
#define EVENT_FIELDS(X)                                                        \
  X(MAXARENAS, HEAP, "maxarenas", NUMBER, pym_heap, maxarenas)                 \
  X(CURRENT, HEAP, "narenas_currently_allocated", NUMBER, pym_heap,            \
    narenas_currently_allocated)                                               \
  X(TOTAL, HEAP, "ntimes_arena_allocated", NUMBER, pym_heap,                   \
    ntimes_arena_allocated)                                                    \
  X(HIGHWATER, HEAP, "narenas_highwater", NUMBER, pym_heap, narenas_highwater) \
  X(USABLE, HEAP, "usable_arenas", SLOT, pym_heap, order.usable_arenas)        \
  X(UNUSED, HEAP, "unused_arena_objects", SLOT, pym_heap,                      \
    unused_arena_objects)                                                      \
  X(RAW_BLOCKS, HEAP, "raw_blocks", NUMBER, pym_heap, raw_blocks)              \
  X(ADDRESS, ARENA, "address", PLACE, struct arena_object, address)            \
  X(POOL_ADDRESS, ARENA, "pool_address", PLACE, struct arena_object,           \
    pool_address)                                                              \
  X(NFREEPOOLS, ARENA, "nfreepools", NUMBER, struct arena_object, nfreepools)  \
  X(NTOTALPOOLS, ARENA, "ntotalpools", NUMBER, struct arena_object,            \
    ntotalpools)                                                               \
  X(FREEPOOLS, ARENA, "freepools", LINK, struct arena_object, freepools)       \
  X(NEXTARENA, ARENA, "nextarena", SLOT, struct arena_object, nextarena)       \
  X(PREVARENA, ARENA, "prevarena", SLOT, struct arena_object, prevarena)       \
  X(LASTA, GROUP, "lasta", SLOT, struct watch_group, lasta)                    \
  X(RING_NEXT, CLASS, "nextpool", LINK, struct pool_header, nextpool)          \
  X(RING_PREV, CLASS, "prevpool", LINK, struct pool_header, prevpool)          \
  X(REF_COUNT, POOL, "ref_count", NUMBER, struct pool_header, ref.count)       \
  X(FREEBLOCK, POOL, "freeblock", PLACE, struct pool_header, freeblock)        \
  X(NEXTPOOL, POOL, "nextpool", LINK, struct pool_header, nextpool)            \
  X(PREVPOOL, POOL, "prevpool", LINK, struct pool_header, prevpool)            \
  X(ARENAINDEX, POOL, "arenaindex", NUMBER, struct pool_header, arenaindex)    \
  X(SZIDX, POOL, "szidx", NUMBER, struct pool_header, szidx)                   \
  X(NEXTOFFSET, POOL, "nextoffset", NUMBER, struct pool_header, nextoffset)    \
  X(MAXNEXTOFFSET, POOL, "maxnextoffset", NUMBER, struct pool_header,          \
    maxnextoffset)                                                             \
  X(NEXT_FREE, BLOCK, "link", PLACE, struct watch_link, next)

#define EVENT_ENUM(symbol, record, name, form, type, member) EVENT_F_##symbol,
enum event_field { EVENT_FIELDS(EVENT_ENUM) EVENT_FIELD_COUNT };
#undef EVENT_ENUM

struct event_change {
  enum event_field field;
  uint64_t where; /* which record of its kind: see EVENT_RECORDS */
  uint64_t old_value, new_value;
};

enum event_operation { EVENT_MALLOC, EVENT_CALLOC, EVENT_REALLOC, EVENT_FREE };

#define EVENT_CHANGES_MAX 12u

struct event {
  uint64_t request; /* its number, from 1 */
  uint32_t index;   /* in its request, from 0 */
  enum event_kind kind;
  enum event_operation operation; /* of the request */
  enum event_record about;        /* the heap, an arena, a pool or a block */
  uint64_t where;                 /* which one of its kind */
  uint64_t szidx; /* of the pool or block; EVENT_NOWHERE: none */
  uint64_t bytes; /* asked for by the request */
  uint32_t change_count;
  struct event_change changes[EVENT_CHANGES_MAX];
};

/* Is called with an event. It must not make requests to the heap. */
typedef void (*event_listener)(void *context, const struct event *event);

const char *event_name(enum event_kind kind);
const char *event_meaning(enum event_kind kind);

const char *event_record_name(enum event_record record);
const char *event_operation_name(enum event_operation operation);

/* The name of a field, the record that has it, and the form of its value. */
const char *event_field_name(enum event_field field);
enum event_record event_field_record(enum event_field field);
enum event_form event_field_form(enum event_field field);

/* The field of a kind of record with that name, or EVENT_FIELD_COUNT. */
enum event_field event_field_of(enum event_record record, const char *name);

#endif
