/*
** A geometry is the set of numbers and rules in which CPython versions differ:
** the alignment and spacing of blocks, the largest request that pools serve,
** the sizes of pools and arenas, and the rule for the release of an arena. A
** profile is a geometry with a name.
**
**   request 1 .. alignment                  -> class 0
**           alignment + 1 .. 2 * alignment  -> class 1, and so on
**           threshold + 1 and above, and 0  -> raw
**
** A geometry is a run-time value. pym_geometry_check checks it once, when a
** heap is made. Alignment, pool size and arena size are powers of two, so
** that classes, pools and arenas are found by shifts and masks.
**
** Taught in lessons 2 and 13; tested by spec/unit/geometry_spec.lua.
*/
#ifndef GEOMETRY_H
#define GEOMETRY_H

#include "base/base.h"

#define POOL_HEADER_BYTES (4 * POINTER_BYTES + 16)

/* Limits that let a table of classes and a bitmap of blocks fit the stack. */
#define CLASS_COUNT_MAX 512u
#define POOL_BYTES_MAX ((size_t)1 << 20)
#define ARENA_BYTES_MAX ((size_t)1 << 30)
#define ARENA_POOLS_MAX 65536u
#define ALIGNMENT_MIN 8u
#define ALIGNMENT_MAX 512u

/* Offset of the first block in its pool: the header, rounded up. */
static inline size_t geometry_header_bytes(const pym_geometry *geometry)
{
  return align_up(POOL_HEADER_BYTES, geometry->alignment);
}

/* The same as pym_class_bytes, inline. */
static inline size_t geometry_class_bytes(const pym_geometry *geometry,
                                          size_t szidx)
{
  assert(szidx < geometry->threshold / geometry->alignment);
  return (szidx + 1) * geometry->alignment;
}

/* Offset of the first pool from the start of its arena's addresses. */
static inline size_t geometry_first_pool(const pym_geometry *geometry)
{
  return align_up(geometry->arena_offset, geometry->pool_bytes);
}

/* Pools in an arena; one pool is lost if its start is not aligned to pools. */
static inline size_t geometry_arena_pools(const pym_geometry *geometry)
{
  assert(geometry->arena_offset < geometry->pool_bytes);
  size_t whole = geometry->arena_bytes / geometry->pool_bytes;
  return geometry->arena_offset == 0 ? whole : whole - 1;
}

/*
** The name of a release rule: "at_once", "keep_last" or "never"; NULL for a
** number that is not a release rule.
*/
const char *geometry_release_name(pym_release release);

#endif
