/*
** The analysis of a trace while calls of the C library fail.
*/
#include <string.h>

#include "failing.h"

#include "analyse/analysis.h"
#include "analyse/life_list.h"
#include "analyse/phase_figures.h"

/* Counts the trace, with all that it fills in static memory. */
static void count_trace(const struct loaded_trace *loaded)
{
  static uint64_t sizes[513];
  static struct class_figures classes[65];
  static struct site_figures sites[1];
  static struct live_point curve[10];
  static struct analysis analysis;
  memset(sizes, 0, sizeof sizes);
  memset(classes, 0, sizeof classes);
  memset(sites, 0, sizeof sites);
  analysis = (struct analysis){.alignment = 8,
                               .threshold = 512,
                               .young = 100,
                               .point_count = 10,
                               .sizes_exact = sizes,
                               .classes = classes,
                               .sites = sites,
                               .curve = curve};
  if (analysis_run(&analysis, loaded) != ANALYSIS_DONE)
    return;
  MUST(analysis.figures.requests == loaded->count);
  MUST(curve[9].live_bytes == analysis.figures.kept_bytes);
  MUST(sites[0].blocks == analysis.figures.births);
}

static void count_phases(const struct loaded_trace *loaded)
{
  struct phase_figures phases[2] = {{.from = 1}, {.from = 100}};
  if (phase_figures_fill(phases, 2, loaded))
    MUST(phases[0].to == 99 && phases[1].to == loaded->count);
}

static void list_lives(const struct loaded_trace *loaded)
{
  struct life_list list;
  if (!life_list_open(&list, loaded))
    return;
  MUST(list.lives[0].born == 1 && list.resize_count > 0);
  life_list_close(&list);
}

void failing_analyse(const struct loaded_trace *loaded)
{
  count_trace(loaded);
  count_phases(loaded);
  list_lives(loaded);
}
