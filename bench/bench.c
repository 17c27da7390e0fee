/*
** Measures allocators side by side. Each measurement runs in a process of its
** own, forked from this one. In each round every workload runs once on each
** allocator. script/bench --help describes the options.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "listed.h"
#include "measure.h"
#include "peers.h"

static struct {
  size_t rounds, scale;
  const char *only, *peers, *traces;
  const char *count_peer, *count_workload;
} options = {.rounds = 5, .scale = 1};

/* A workload that replays a recording runs only if the recording was read. */
static bool is_ready(const char *workload)
{
  for (size_t i = 0; i < RECORDING_COUNT; i++)
    if (strcmp(workload, i == 0 ? "json" : "startup") == 0)
      return bench_data.recordings[i].request_count > 0;
  return true;
}

static bool is_chosen(size_t index)
{
  const char *name = workloads[index].name;
  bool is_wanted = options.only != NULL ? is_listed(options.only, name)
                                        : strncmp(name, "grow_", 5) != 0;
  return is_wanted && is_ready(name);
}

static void run_all(void)
{
  size_t count;
  const struct peer *all = peers(&count);
  for (size_t round = 1; round <= options.rounds; round++)
    for (size_t i = 0; i < workload_count; i++) {
      if (!is_chosen(i))
        continue;
      (void)fprintf(stderr, "round %zu of %zu: %-12s\r", round, options.rounds,
                    workloads[i].name);
      for (size_t k = 0; k < count; k++)
        if (options.peers != NULL ? is_listed(options.peers, all[k].name)
                                  : !all[k].is_for_growth)
          measure_in_child(&all[k], i, round, options.scale);
    }
  (void)fprintf(stderr, "%40s\r", "");
}

/*
** Runs one workload once, in this process. With scale 0 it only opens the
** peer: script/bench subtracts the instructions of such a run.
*/
static int count_once(void)
{
  size_t count;
  const struct peer *all = peers(&count);
  for (size_t k = 0; k < count; k++)
    for (size_t i = 0; i < workload_count; i++)
      if (strcmp(all[k].name, options.count_peer) == 0 &&
          strcmp(workloads[i].name, options.count_workload) == 0 &&
          (all[k].open == NULL || all[k].open(&all[k]))) {
        printf("%zu\n",
               options.scale == 0 ? 0 : all[k].workloads[i](options.scale));
        return 0;
      }
  return 1;
}

static int list_names(void)
{
  size_t count;
  const struct peer *all = peers(&count);
  for (size_t i = 0; i < workload_count; i++)
    printf("workload\t%s\t%s\n", workloads[i].name,
           workloads[i].is_core ? "core" : "extra");
  for (size_t k = 0; k < count; k++)
    printf("peer\t%s\t%s\n", all[k].name,
           peer_is_found(&all[k]) ? "found" : "no path");
  return 0;
}

/* Sets an option to a value; false: there is no option of that name. */
static bool set_option(const char *name, char *value)
{
  char *equals = strchr(value, '=');
  if (strcmp(name, "--rounds") == 0)
    options.rounds = strtoul(value, NULL, 10);
  else if (strcmp(name, "--scale") == 0)
    options.scale = strtoul(value, NULL, 10);
  else if (strcmp(name, "--only") == 0)
    options.only = value;
  else if (strcmp(name, "--peers") == 0)
    options.peers = value;
  else if (strcmp(name, "--traces") == 0)
    options.traces = value;
  else if (strcmp(name, "--count-peer") == 0)
    options.count_peer = value;
  else if (strcmp(name, "--count") == 0)
    options.count_workload = value;
  else if (strcmp(name, "--peer") == 0 && equals != NULL) {
    *equals = '\0';
    peer_set_path(value, equals + 1);
  } else {
    return false;
  }
  return true;
}

int main(int argc, char **argv)
{
  bool lists = false;
  for (int i = 1; i < argc; i++) {
    lists = strcmp(argv[i], "--list") == 0;
    if (lists)
      continue;
    if (i + 1 == argc || !set_option(argv[i], argv[i + 1])) {
      (void)fprintf(stderr, "bench: unknown option %s, or no value for it\n",
                    argv[i]);
      return 2;
    }
    i++;
  }
  if (lists)
    return list_names();
  data_set_up(options.scale);
  if (options.traces != NULL)
    data_load_traces(options.traces);
  if (options.count_workload != NULL && options.count_peer != NULL)
    return count_once();
  run_all();
  return 0;
}
