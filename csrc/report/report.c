/*
** Writes the text of sys._debugmallocstats(), as the CPython version with the
** heap's geometry prints it.
*/
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "debug/debug.h"
#include "report/stats.h"

#define LABEL_COLUMNS 35
#define VALUE_COLUMNS 21

/* Writes the digits of a value, with a comma between groups of three. */
static void with_commas(uint64_t value, char *text, size_t text_bytes)
{
  char digits[24];
  int count = snprintf(digits, sizeof digits, "%" PRIu64, value);
  size_t at = 0;
  /* GCOVR_EXCL_BR_START: the text is long enough for any number */
  for (int i = 0; i < count && at + 2 < text_bytes; i++) {
    /* GCOVR_EXCL_BR_STOP */
    if (i > 0 && (count - i) % 3 == 0)
      text[at++] = ',';
    text[at++] = digits[i];
  }
  assert(at < text_bytes);
  text[at] = '\0';
}

/* Writes one line. Returns the value, so that the caller can add it up. */
static uint64_t line(struct writer *writer, const char *label, uint64_t value)
{
  char number[32];
  with_commas(value, number, sizeof number);
  writer_format(writer, "%-*s=%*s\n", LABEL_COLUMNS, label, VALUE_COLUMNS,
                number);
  return value;
}

static void write_classes(struct writer *writer, const pym_heap *heap,
                          const pym_class_stats *classes)
{
  writer_format(writer, "Small block threshold = %zu, in %zu size classes.\n\n",
                heap->geometry.threshold, heap->class_count);
  writer_string(writer,
                "class   size   num pools   blocks in use  avail blocks\n"
                "-----   ----   ---------   -------------  ------------\n");
  for (size_t i = 0; i < heap->class_count; i++)
    if (classes[i].pools > 0)
      writer_format(writer, "%5zu %6zu %11zu %15zu %13zu\n", i,
                    pym_class_bytes(&heap->geometry, i), classes[i].pools,
                    classes[i].live, classes[i].available);
  writer_string(writer, "\n");
}

static void write_arenas(struct writer *writer, const pym_heap *heap,
                         const pym_stats *stats)
{
  char label[96];
  const struct debug *debug = heap->debug;
  if (debug != NULL && debug->guard_layout != NULL &&
      debug->guard_layout->has_serial)
    (void)line(writer, "# times object malloc called", debug->serial);
  (void)line(writer, "# arenas allocated total", stats->arenas_allocated_total);
  (void)line(writer, "# arenas reclaimed", stats->arenas_reclaimed);
  (void)line(writer, "# arenas highwater mark", stats->arenas_highwater);
  (void)line(writer, "# arenas allocated current", stats->arenas_current);
  (void)snprintf(label, sizeof label, "%zu arenas * %zu bytes/arena",
                 stats->arenas_current, heap->geometry.arena_bytes);
  (void)line(writer, label, stats->arenas_current * heap->geometry.arena_bytes);
  writer_string(writer, "\n");
}

static void write_bytes(struct writer *writer, const pym_heap *heap,
                        const pym_stats *stats)
{
  char label[96];
  uint64_t total =
      line(writer, "# bytes in allocated blocks", stats->allocated_bytes);
  total += line(writer, "# bytes in available blocks", stats->available_bytes);
  (void)snprintf(label, sizeof label, "%zu unused pools * %zu bytes",
                 stats->unused_pools, heap->geometry.pool_bytes);
  total += line(writer, label, stats->unused_pool_bytes);
  total += line(writer, "# bytes lost to pool headers", stats->header_bytes);
  total +=
      line(writer, "# bytes lost to quantization", stats->quantization_bytes);
  total +=
      line(writer, "# bytes lost to arena alignment", stats->alignment_bytes);
  (void)line(writer, "Total", total);
}

static void write_map(struct writer *writer, const pym_heap *heap,
                      const pym_stats *stats)
{
  struct stats_map map = stats_map(&heap->geometry);
  writer_string(writer, "\narena map counts\n");
  /* GCOVR_EXCL_BR_START: a map of one node is that of a build for 32 bits */
  if (map.mid_shift == 0) { /* is the root the only node? */
    (void)line(writer, "# bytes lost to arena map root", map.upper_bytes);
    return;
  }
  /* GCOVR_EXCL_BR_STOP */
  (void)line(writer, "# arena map mid nodes", stats->map_mid_nodes);
  (void)line(writer, "# arena map bot nodes", stats->map_bot_nodes);
  writer_string(writer, "\n");
  uint64_t total =
      line(writer, "# bytes lost to arena map root", map.upper_bytes);
  total += line(writer, "# bytes lost to arena map mid",
                map.upper_bytes * stats->map_mid_nodes);
  total += line(writer, "# bytes lost to arena map bot",
                map.bot_bytes * stats->map_bot_nodes);
  (void)line(writer, "Total", total);
}

/* Writes the cache in the form in which CPython prints its free lists. */
static void write_cache(struct writer *writer, const pym_stats *stats)
{
  char label[96];
  (void)snprintf(label, sizeof label, "%zu free cached blocks",
                 stats->cached_blocks);
  (void)line(writer, label, stats->cached_bytes);
}

bool pym_report(const pym_heap *heap, bool with_arena_map, pym_write write,
                void *context)
{
  struct writer writer;
  pym_stats stats;
  pym_class_stats classes[CLASS_COUNT_MAX];
  pym_heap_stats(heap, &stats, classes);
  writer_open(&writer, write, context);
  write_classes(&writer, heap, classes);
  write_arenas(&writer, heap, &stats);
  write_bytes(&writer, heap, &stats);
  if (stats.cached_blocks > 0)
    write_cache(&writer, &stats);
  if (with_arena_map && heap->geometry.address_bits != 0)
    write_map(&writer, heap, &stats);
  return writer_close(&writer);
}
