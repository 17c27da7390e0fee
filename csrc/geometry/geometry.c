#include "geometry/geometry.h"

#include <stdio.h>

const char *geometry_release_name(pym_release release)
{
  switch (release) {
  case PYM_RELEASE_AT_ONCE:
    return "at_once";
  case PYM_RELEASE_KEEP_LAST:
    return "keep_last";
  case PYM_RELEASE_NEVER:
    return "never";
  }
  return NULL;
}

/* A field, its value and the rule that it breaks. 'rule' is NULL if none. */
struct broken_rule {
  const char *field;
  size_t value;
  const char *rule;
};

#define REFUSE(field, rule)        \
  return (struct broken_rule)      \
  {                                \
#field, (size_t)g->field, rule \
  }

static struct broken_rule check_blocks(const pym_geometry *g)
{
  if (!is_power_of_two(g->alignment) || g->alignment < ALIGNMENT_MIN ||
      g->alignment > ALIGNMENT_MAX)
    REFUSE(alignment, "must be a power of two from 8 to 512");
  if (g->threshold == 0 || g->threshold % g->alignment != 0)
    REFUSE(threshold, "must be a multiple of alignment, and not 0");
  if (g->threshold / g->alignment > CLASS_COUNT_MAX)
    REFUSE(threshold, "must make at most 512 size classes");
  return (struct broken_rule){0};
}

static struct broken_rule check_pools(const pym_geometry *g)
{
  if (!is_power_of_two(g->pool_bytes) || g->pool_bytes > POOL_BYTES_MAX)
    REFUSE(pool_bytes, "must be a power of two, at most 1048576");
  if (g->pool_bytes < geometry_header_bytes(g) + 2 * g->threshold)
    REFUSE(pool_bytes, "must hold its header and two blocks of threshold");
  return (struct broken_rule){0};
}

static struct broken_rule check_arenas(const pym_geometry *g)
{
  if (!is_power_of_two(g->arena_bytes) || g->arena_bytes > ARENA_BYTES_MAX)
    REFUSE(arena_bytes, "must be a power of two, at most 1073741824");
  if (g->arena_bytes / g->pool_bytes > ARENA_POOLS_MAX)
    REFUSE(arena_bytes, "must hold at most 65536 pools");
  if (g->arena_offset >= g->pool_bytes || g->arena_offset % g->alignment != 0)
    REFUSE(arena_offset, "must be a multiple of alignment, below pool_bytes");
  if (g->arena_bytes / g->pool_bytes < 2 || geometry_arena_pools(g) < 2)
    REFUSE(arena_bytes, "must hold at least two pools");
  return (struct broken_rule){0};
}

static struct broken_rule check_rules(const pym_geometry *g)
{
  if (geometry_release_name(g->release) == NULL)
    REFUSE(release, "must be one of the three release rules");
  if (g->address_bits != 0 && g->address_bits != 32 && g->address_bits != 48 &&
      g->address_bits != 64)
    REFUSE(address_bits, "must be 0, 32, 48 or 64");
  return (struct broken_rule){0};
}

bool pym_geometry_check(const pym_geometry *geometry, char *why,
                        size_t why_bytes)
{
  static struct broken_rule (*const checks[])(const pym_geometry *) = {
      check_blocks, check_pools, check_arenas, check_rules};
  for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
    struct broken_rule broken = checks[i](geometry);
    if (broken.rule == NULL)
      continue;
    if (why != NULL)
      (void)snprintf(why, why_bytes, "%s is %zu: it %s", broken.field,
                     broken.value, broken.rule);
    return false;
  }
  return true;
}

size_t pym_class_count(const pym_geometry *geometry)
{
  return geometry->threshold / geometry->alignment;
}

size_t pym_class_bytes(const pym_geometry *geometry, size_t szidx)
{
  assert(szidx < pym_class_count(geometry));
  return (szidx + 1) * geometry->alignment;
}

/* The bytes of a pool behind its header. */
static size_t room(const pym_geometry *geometry)
{
  assert(geometry->pool_bytes > geometry_header_bytes(geometry));
  return geometry->pool_bytes - geometry_header_bytes(geometry);
}

size_t pym_class_capacity(const pym_geometry *geometry, size_t szidx)
{
  return room(geometry) / pym_class_bytes(geometry, szidx);
}

size_t pym_class_waste(const pym_geometry *geometry, size_t szidx)
{
  return room(geometry) % pym_class_bytes(geometry, szidx);
}

ptrdiff_t pym_class_of(const pym_geometry *geometry, size_t request)
{
  if (request - 1 >= geometry->threshold) /* 0 wraps around */
    return -1;
  return (ptrdiff_t)((request - 1) / geometry->alignment);
}
