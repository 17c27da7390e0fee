/*
** The medium requests of a heap with a cache: those of 513 bytes to 128 KiB, or
** to 1 MiB if the heap retains 32 MiB and reserves 256 MiB, or more.
** They are served from spans (memory/span.h), so that a block keeps its owner
** when realloc makes it larger than a pool serves, and can grow in place. The
** exact heap below the cache has no part in them.
**
**                      bytes of a request    unit     span      kept blocks
**   the fine range     513 to 8,192          128      128 KiB   yes
**   the coarse range   8,193 to 131,072      2,048    2 MiB     no
**   the large range    131,073 to 1,048,576  16,384   16 MiB    no
**
** Each range has a region of addresses of its own. A request is rounded up to
** one of four classes a doubling: 640, 768, 896, 1024, 1280, ... 8192 bytes in
** the fine range, sixteen times these in the coarse one, and 128 times those from
** 1280 bytes on in the large one.
**
** malloc  takes the block of the class that was freed last, if one is kept; else
**         the first free run in the lowest span that has one
** free    keeps the block, unless 64 blocks of its class are kept already (or
**         32, 16 or 8, from 1,280, 2,560 or 5,120 bytes on); then it gives the
**         units of the block back to the span. A span whose last block goes
**         keeps its pages, unless 'empty_most' spans without a block have some
** trim    gives the kept blocks back, and the pages of spans without a block
**
** The large range keeps the pages of one span without a block, and those of freed
** blocks in spans that have another block. The C library gives such pages back
** sooner: a program that makes and drops large arrays then has a page fault for
** each page of each array. If a span is more than half of the retained bytes, the
** large range serves nothing, because a span would be committed and decommitted
** for each lone block.
**
** If the system has no memory for a span, the request goes to raw, as do larger
** ones. A block that raw serves stays raw's, whatever its size.
**
** [medium.kept]    each kept block is a block of its class, and is kept once
** [medium.lowest]  no span below 'lowest' of a class has a run for the class
**
** Tested by spec/robustness/medium_spec.lua, medium_large_spec.lua and
** medium_memory_spec.lua.
*/
#ifndef MEDIUM_H
#define MEDIUM_H

#include "memory/region.h"
#include "memory/span.h"

#define MEDIUM_SMALLEST ((size_t)513)
#define MEDIUM_FINE_LARGEST ((size_t)8 << 10)
#define MEDIUM_COARSE_LARGEST ((size_t)128 << 10)
#define MEDIUM_LARGEST ((size_t)1 << 20)
#define MEDIUM_RANGES 3
#define MEDIUM_CLASSES 16u   /* four of each of four doublings */
#define MEDIUM_KEPT_MOST 64u /* blocks of a class of the first doubling */

/* The spans of the requests of one range. */
struct medium_range {
  size_t least, most; /* bytes of a request */
  unsigned unit_shift;
  unsigned span_shift;
  struct region region;
  struct span *spans; /* of the first slots of the region */
  size_t span_count;
  size_t empty_count; /* spans that have pages and no block */
  size_t empty_most;
  size_t lowest[MEDIUM_CLASSES]; /* no span below has a run for the class */
};

struct medium {
  struct medium_range ranges[MEDIUM_RANGES];
  void *kept[MEDIUM_CLASSES][MEDIUM_KEPT_MOST]; /* of the fine range */
  size_t kept_count[MEDIUM_CLASSES];
  size_t begun_bytes; /* of spans that got pages; the user sets it to 0 */
};

/* What spans have, for the statistics of a heap. */
struct medium_counts {
  size_t blocks;     /* live ones */
  size_t bytes;      /* of these blocks */
  size_t span_bytes; /* of spans that have pages */
};

/*
** Reserves a quarter of the addresses that the options name for the fine and for
** the coarse range, and a sixteenth for the large one, or what the system grants.
** A range without addresses for one span serves no request.
*/
void medium_open(struct medium *medium, const pym_options *options);

/* Frees what medium_open and the requests have obtained. */
void medium_close(struct medium *medium);

/* A block; NULL: its size is not medium, or there is no memory for a span. */
void *medium_malloc(struct medium *medium, size_t bytes);

/* Where an address lies in a range: its slot, and its unit in this slot. */
static inline size_t medium_offset(const struct medium_range *range,
                                   const void *address)
{
  return (uintptr_t)address - range->region.base;
}

static inline size_t medium_slot(const struct medium_range *range,
                                 const void *address)
{
  return medium_offset(range, address) >> range->span_shift;
}

static inline size_t medium_unit(const struct medium_range *range,
                                 const void *address)
{
  return medium_offset(range, address) >> range->unit_shift & (SPAN_UNITS - 1);
}

static inline bool medium_range_owns(const struct medium_range *range,
                                     const void *address)
{
  return medium_slot(range, address) < range->region.slot_count;
}

/* The range in which an address lies. NULL: it lies in no span. */
static inline struct medium_range *medium_range_of(struct medium *medium,
                                                   const void *address)
{
  if (medium_range_owns(&medium->ranges[0], address))
    return &medium->ranges[0];
  if (medium_range_owns(&medium->ranges[1], address))
    return &medium->ranges[1];
  if (medium_range_owns(&medium->ranges[2], address))
    return &medium->ranges[2];
  return NULL;
}

/* Does the address lie in a span? */
static inline bool medium_owns(const struct medium *medium, const void *address)
{
  return medium_range_owns(&medium->ranges[0], address) ||
         medium_range_owns(&medium->ranges[1], address) ||
         medium_range_owns(&medium->ranges[2], address);
}

/* The units of a live block. */
static inline size_t medium_units(const struct medium_range *range,
                                  const void *address)
{
  return span_block_units(&range->spans[medium_slot(range, address)],
                          medium_unit(range, address));
}

/* The class for blocks of 5 to 64 units: four of equal width in a doubling. */
static inline size_t medium_class_of(size_t units)
{
  assert(units > 4 && units <= SPAN_BLOCK_UNITS);
  unsigned top = 63u - (unsigned)__builtin_clzll(units - 1); /* 2 to 5 */
  return (size_t)(top - 2) * 4 + ((units - 1) >> (top - 2) & 3);
}

/* The units of a block of a class. */
static inline size_t medium_class_units(size_t class)
{
  return (class % 4 + 5) << class / 4;
}

/* The most kept blocks of a class: half as many in each next doubling. */
static inline size_t medium_kept_most(size_t class)
{
  return MEDIUM_KEPT_MOST >> class / 4;
}

/* A kept block for a request. NULL: none is kept, or it is not of the range. */
static inline void *medium_take_kept(struct medium *medium, size_t bytes)
{
  if (bytes < MEDIUM_SMALLEST || bytes > MEDIUM_FINE_LARGEST)
    return NULL;
  size_t units = ((bytes - 1) >> medium->ranges[0].unit_shift) + 1;
  size_t class = medium_class_of(units);
  return medium->kept_count[class] > 0
             ? medium->kept[class][--medium->kept_count[class]]
             : NULL;
}

/* Keeps a block. false: enough are kept, or it is not of the fine range. */
static inline bool medium_keep(struct medium *medium, void *freed)
{
  const struct medium_range *range = &medium->ranges[0];
  if (!medium_range_owns(range, freed))
    return false;
  size_t class = medium_class_of(medium_units(range, freed));
  size_t count = medium->kept_count[class];
  if (count == medium_kept_most(class))
    return false;
  medium->kept[class][count] = freed;
  medium->kept_count[class] = count + 1;
  return true;
}

/*
** Does the live block at an address of a range keep its size when it is resized
** to 'bytes'? It does if more than three quarters stay in use.
*/
static inline bool medium_fits(const struct medium_range *range,
                               const void *address, size_t bytes)
{
  size_t old_bytes = medium_units(range, address) << range->unit_shift;
  return old_bytes - bytes < old_bytes / 4; /* wraps around if too small */
}

/* The parameter 'block' of the next functions is a live block of a span. */

/*
** Makes a block of a range that does not fit as large as 'bytes' need, in its
** place. false: the block is unchanged and has to move.
*/
bool medium_resize(struct medium_range *range, const void *block, size_t bytes);

void medium_free(struct medium *medium, void *block);

/* The same, but the block is not kept. */
void medium_give(struct medium *medium, void *block);

/* The bytes of a block. */
size_t medium_block_bytes(const struct medium *medium, const void *block);

/* The bytes of the block that begins at an address of a span; 0: none does. */
size_t medium_usable_size(const struct medium *medium, const void *address);

/* Gives kept blocks and spans without a block back; returns the spans' bytes. */
size_t medium_trim(struct medium *medium);

/* The class of a block of the fine range; MEDIUM_CLASSES: it is none. */
size_t medium_fine_class(const struct medium *medium, const void *address);

struct medium_counts medium_count(const struct medium *medium);

/* [medium.spans], [medium.kept] and [medium.lowest] */
bool medium_spans_hold(const struct medium *medium);
bool medium_kept_hold(const struct medium *medium);
bool medium_lowest_hold(const struct medium *medium);

#endif
