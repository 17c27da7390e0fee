#include "real.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* CPython exports it, but declares it in an internal header only. */
extern int _PyObject_DebugMallocStats(FILE *file) __attribute__((weak));

/* A ring header is two pointers, nextpool and prevpool, for each class. */
#define RING_BYTES (2 * sizeof(void *))

void real_learn(struct real *real)
{
  if (real->arenas.count == 0)
    return;
  /* both links of a pool alone in its class lead to the ring header */
  const struct pool_header *pool =
      arenas_pool(&real->arenas, real->arenas.addresses[0], 0);
  if (pool != NULL && pool->nextpool == pool->prevpool)
    real->rings = (uintptr_t)pool->nextpool - pool->szidx * RING_BYTES;
}

/* Finds where an address lies in a placed arena, live or released. */
static bool locate_ever(const void *context, const void *address,
                        pym_location *place)
{
  const struct arenas *arenas = context;
  if (arenas->base == 0)
    return arenas_locate(arenas, address, place);
  size_t distance = (uintptr_t)address - arenas->base;
  if (distance >= arenas->touched_count * arenas->arena_bytes)
    return false;
  size_t pools = distance % arenas->arena_bytes -
                 align_up(arenas->offset, arenas->pool_bytes);
  *place = (pym_location){.arena = distance / arenas->arena_bytes,
                          .pool = pools & ~(arenas->pool_bytes - 1),
                          .offset = pools & (arenas->pool_bytes - 1)};
  return true;
}

static int compare_slots(const void *left, const void *right)
{
  size_t a = *(const size_t *)left, b = *(const size_t *)right;
  return (a > b) - (a < b);
}

static size_t write_arena(const struct arenas *arenas,
                          const struct headers_side *side,
                          struct writer *writer, uintptr_t arena)
{
  size_t index = 0;
  const struct pool_header *pool;
  for (; (pool = arenas_pool(arenas, arena, index)) != NULL; index++)
    headers_write(writer, side, pool);
  return index;
}

size_t real_headers(const struct real *real, struct writer *writer)
{
  const struct arenas *arenas = &real->arenas;
  struct headers_side side = {.context = arenas,
                              .locate = locate_ever,
                              .rings = real->rings,
                              .ring_bytes = RING_BYTES,
                              .tells_stale = arenas->base != 0};
  size_t *slots = calloc(arenas->count + 1, sizeof *slots);
  size_t count = 0;
  if (slots == NULL)
    return 0;
  for (size_t i = 0; i < arenas->count; i++)
    slots[i] = arenas_slot(arenas, i);
  qsort(slots, arenas->count, sizeof *slots, compare_slots);
  for (size_t i = 0; i < arenas->count; i++)
    count += write_arena(arenas, &side, writer, arenas_find(arenas, slots[i]));
  free(slots);
  return count;
}

bool real_has_report(void)
{
  return _PyObject_DebugMallocStats != NULL;
}

/* The whole report. The caller frees it. NULL: no memory. */
static char *report_text(void)
{
  char *text = NULL;
  size_t bytes = 0;
  FILE *file = open_memstream(&text, &bytes);
  if (file == NULL)
    return NULL;
  (void)_PyObject_DebugMallocStats(file);
  return fclose(file) == 0 ? text : NULL;
}

bool real_report(struct writer *writer, bool with_arena_map)
{
  char *text = report_text();
  if (text == NULL)
    return false;
  char *map = strstr(text, "\narena map counts");
  if (map != NULL && !with_arena_map)
    *map = '\0';
  writer_string(writer, text);
  free(text);
  return true;
}

size_t real_figure(const char *label)
{
  char *text = report_text();
  size_t figure = SIZE_MAX;
  const char *line = text == NULL ? NULL : strstr(text, label);
  const char *digit = line == NULL ? NULL : strchr(line, '=');
  if (digit != NULL)
    for (figure = 0; *digit != '\n' && *digit != '\0'; digit++)
      if (*digit >= '0' && *digit <= '9')
        figure = figure * 10 + (size_t)(*digit - '0');
  free(text);
  return figure;
}

size_t real_classes(void)
{
  char *text = report_text();
  const char *in = text == NULL ? NULL : strstr(text, ", in ");
  size_t classes = in == NULL ? 0 : strtoul(in + strlen(", in "), NULL, 10);
  free(text);
  return classes;
}
