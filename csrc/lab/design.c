#include "lab/design.h"

#include <stdio.h>

#define MIB ((size_t)1 << 20)

void design_of_geometry(struct design *design, const pym_geometry *geometry)
{
  *design =
      (struct design){.threshold = geometry->threshold,
                      .class_count = pym_class_count(geometry),
                      .header_bytes = (uint32_t)geometry_header_bytes(geometry),
                      .arena_bytes = geometry->arena_bytes,
                      .arena_offset = geometry->arena_offset};
  for (size_t i = 0; i < design->class_count; i++) {
    design->class_bytes[i] = (uint32_t)pym_class_bytes(geometry, i);
    design->pool_bytes[i] = (uint32_t)geometry->pool_bytes;
  }
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (geometry->release) {
  /* GCOVR_EXCL_BR_STOP */
  case PYM_RELEASE_AT_ONCE:
    design->release = RELEASE_AT_ONCE;
    break;
  case PYM_RELEASE_KEEP_LAST:
    design->release = RELEASE_KEEP_LAST;
    break;
  case PYM_RELEASE_NEVER:
    design->release = RELEASE_NEVER;
    break;
  }
}

/* Writes a sentence about a field. Returns false. */
static bool refuse(char *why, size_t why_bytes, const char *field, size_t value,
                   const char *rule)
{
  (void)snprintf(why, why_bytes, "%s %zu: %s", field, value, rule);
  return false;
}

static bool check_arenas(const struct design *design, char *why,
                         size_t why_bytes)
{
  size_t bytes = design->arena_bytes;
  if (!is_power_of_two(bytes) || bytes / MIB > MIB)
    return refuse(why, why_bytes, "arena_bytes", bytes,
                  "must be a power of two, at most 1 TiB");
  if (design->arena_offset >= bytes)
    return refuse(why, why_bytes, "arena_offset", design->arena_offset,
                  "must be less than arena_bytes");
  if (design->class_count == 0 || design->class_count > DESIGN_CLASSES_MAX)
    return refuse(why, why_bytes, "the number of classes", design->class_count,
                  "must be from 1 to 1024");
  size_t last = design->class_bytes[design->class_count - 1];
  if (design->threshold == 0 || design->threshold > DESIGN_THRESHOLD_MAX)
    return refuse(why, why_bytes, "threshold", design->threshold,
                  "must be from 1 to 65536");
  if (last < design->threshold)
    return refuse(why, why_bytes, "threshold", design->threshold,
                  "must not be more than the largest class");
  return true;
}

static bool check_pool(const struct design *design, size_t szidx, char *why,
                       size_t why_bytes)
{
  size_t bytes = design->pool_bytes[szidx];
  if (!is_power_of_two(bytes) || bytes > POOL_BYTES_MAX)
    return refuse(why, why_bytes, "pool_bytes", bytes,
                  "must be a power of two, at most 1 MiB");
  if (bytes > design->arena_bytes || design_arena_pools(design, bytes) == 0)
    return refuse(why, why_bytes, "pool_bytes", bytes,
                  "an arena must hold at least one pool");
  if (design->arena_bytes / bytes > (size_t)1 << 24)
    return refuse(why, why_bytes, "pool_bytes", bytes,
                  "an arena must hold at most 16,777,216 pools");
  if (design->header_bytes + (size_t)design->class_bytes[szidx] > bytes)
    return refuse(why, why_bytes, "pool_bytes", bytes,
                  "a pool must hold its header and at least one block");
  return true;
}

bool design_check(const struct design *design, char *why, size_t why_bytes)
{
  if (!check_arenas(design, why, why_bytes))
    return false;
  for (size_t i = 0; i < design->class_count; i++) {
    size_t bytes = design->class_bytes[i];
    if (bytes == 0 || (i > 0 && bytes <= design->class_bytes[i - 1]))
      return refuse(why, why_bytes, "a class of bytes", bytes,
                    "classes must be above 0 and ascend");
    if (!check_pool(design, i, why, why_bytes))
      return false;
  }
  return true;
}
