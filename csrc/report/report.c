/*
** The text of sys._debugmallocstats(), as CPython of the heap's geometry
** prints it.
*/
#include <stdio.h>
#include <string.h>

#include "debug/debug.h"
#include "report/stats.h"

#define LABEL_COLUMNS 35
#define VALUE_COLUMNS 21

/* The digits of a value, with a comma between groups of three. */
static void with_commas(size_t value, char *text, size_t text_bytes)
{
  char digits[24];
  int count = snprintf(digits, sizeof digits, "%zu", value);
  size_t at = 0;
  for (int i = 0; i < count && at + 2 < text_bytes; i++) {
    if (i > 0 && (count - i) % 3 == 0)
      text[at++] = ',';
    text[at++] = digits[i];
  }
  text[at] = '\0';
}

/* One line; returns the value, for sums. */
static size_t line(struct out *out, const char *label, size_t value)
{
  char number[32];
  with_commas(value, number, sizeof number);
  out_format(out, "%-*s=%*s\n", LABEL_COLUMNS, label, VALUE_COLUMNS, number);
  return value;
}

static void write_classes(struct out *out, const pym_heap *heap,
                          const pym_class_stats *classes)
{
  out_format(out, "Small block threshold = %zu, in %zu size classes.\n\n",
             heap->geometry.threshold, heap->class_count);
  out_string(out, "class   size   num pools   blocks in use  avail blocks\n"
                  "-----   ----   ---------   -------------  ------------\n");
  for (size_t i = 0; i < heap->class_count; i++)
    if (classes[i].pools > 0)
      out_format(out, "%5zu %6zu %11zu %15zu %13zu\n", i,
                 pym_class_bytes(&heap->geometry, i), classes[i].pools,
                 classes[i].live, classes[i].available);
  out_string(out, "\n");
}

static void write_arenas(struct out *out, const pym_heap *heap,
                         const pym_stats *stats)
{
  char label[96];
  const struct debug *debug = heap->debug;
  if (debug != NULL && debug->layout != NULL && debug->layout->has_serial)
    (void)line(out, "# times object malloc called", (size_t)debug->serial);
  (void)line(out, "# arenas allocated total", stats->arenas_allocated_total);
  (void)line(out, "# arenas reclaimed", stats->arenas_reclaimed);
  (void)line(out, "# arenas highwater mark", stats->arenas_highwater);
  (void)line(out, "# arenas allocated current", stats->arenas_current);
  (void)snprintf(label, sizeof label, "%zu arenas * %zu bytes/arena",
                 stats->arenas_current, heap->geometry.arena_bytes);
  (void)line(out, label, stats->arenas_current * heap->geometry.arena_bytes);
  out_string(out, "\n");
}

static void write_bytes(struct out *out, const pym_heap *heap,
                        const pym_stats *stats)
{
  char label[96];
  size_t total =
      line(out, "# bytes in allocated blocks", stats->allocated_bytes);
  total += line(out, "# bytes in available blocks", stats->available_bytes);
  (void)snprintf(label, sizeof label, "%zu unused pools * %zu bytes",
                 stats->unused_pools, heap->geometry.pool_bytes);
  total += line(out, label, stats->unused_pool_bytes);
  total += line(out, "# bytes lost to pool headers", stats->header_bytes);
  total += line(out, "# bytes lost to quantization", stats->quantization_bytes);
  total += line(out, "# bytes lost to arena alignment", stats->alignment_bytes);
  (void)line(out, "Total", total);
}

static void write_map(struct out *out, const pym_heap *heap,
                      const pym_stats *stats)
{
  struct stats_map map = stats_map(&heap->geometry);
  out_string(out, "\narena map counts\n");
  (void)line(out, "# arena map mid nodes", stats->map_mid_nodes);
  (void)line(out, "# arena map bot nodes", stats->map_bot_nodes);
  out_string(out, "\n");
  size_t total = line(out, "# bytes lost to arena map root", map.upper_bytes);
  total += line(out, "# bytes lost to arena map mid",
                map.upper_bytes * stats->map_mid_nodes);
  total += line(out, "# bytes lost to arena map bot",
                map.bot_bytes * stats->map_bot_nodes);
  (void)line(out, "Total", total);
}

/* As CPython prints the free lists of its types. */
static void write_cache(struct out *out, const pym_stats *stats)
{
  char label[96];
  (void)snprintf(label, sizeof label, "%zu free cached blocks",
                 stats->cached_blocks);
  (void)line(out, label, stats->cached_bytes);
}

bool pym_report(const pym_heap *heap, bool with_arena_map, pym_write write,
                void *context)
{
  struct out out;
  pym_stats stats;
  pym_class_stats classes[CLASS_COUNT_MAX];
  pym_heap_stats(heap, &stats, classes);
  out_open(&out, write, context);
  write_classes(&out, heap, classes);
  write_arenas(&out, heap, &stats);
  write_bytes(&out, heap, &stats);
  if (stats.cached_blocks > 0)
    write_cache(&out, &stats);
  if (with_arena_map && heap->geometry.address_bits != 0)
    write_map(&out, heap, &stats);
  return out_close(&out);
}
