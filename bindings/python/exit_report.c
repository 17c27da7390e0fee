#include "exit_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "host.h"

static const char *report_path; /* NULL: stderr */

/* Writes the line with one call, as other processes may write to the file. */
static void write_report(FILE *file)
{
  char requests[48] = "";
  pym_stats stats;
  const struct host_counts *counts = host_counts();
  if (counts != NULL)
    (void)snprintf(requests, sizeof requests, ", %" PRIu64 " requests",
                   counts->mallocs + counts->callocs + counts->reallocs +
                       counts->frees);
  pym_heap_stats(host_heap(), &stats, NULL);
  fprintf(file, "pymalloc_host: %zu arenas, %zu at once, %zu live blocks%s\n",
          stats.arenas_allocated_total, stats.arenas_highwater,
          host_live_blocks(), requests);
}

static void report(void)
{
  if (host_heap() == NULL)
    return;
  FILE *file = report_path == NULL ? stderr : fopen(report_path, "a");
  if (file == NULL)
    return;
  write_report(file);
  if (file != stderr)
    (void)fclose(file);
}

void exit_report_register(const char *path)
{
  static bool is_registered;
  report_path = path;
  if (!is_registered)
    is_registered = atexit(report) == 0;
}
