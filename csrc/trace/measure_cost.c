#define _DEFAULT_SOURCE

#include "trace/measure_cost.h"

#include <time.h>
#include <unistd.h>

#include "base/platform.h"

#if PLATFORM_USAGE
#include <sys/resource.h>
#endif

/* Linux's headers are not part of every C library: musl comes without them. */
#if defined(__linux__) && defined(__has_include)
#if __has_include("linux/perf_event.h")
#define HAS_COUNTER
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#endif
#endif

#include "trace/measure_pass.h"

/*
** {==================================================================
** The counter of instructions
** ===================================================================
*/

#ifdef HAS_COUNTER

/* A descriptor of the counter, which is off; -1: the system refuses it. */
static int counter_open(void)
{
  struct perf_event_attr wanted = {.type = PERF_TYPE_HARDWARE,
                                   .size = sizeof wanted,
                                   .config = PERF_COUNT_HW_INSTRUCTIONS,
                                   .disabled = 1,
                                   .exclude_kernel = 1,
                                   .exclude_hv = 1};
  return (int)syscall(SYS_perf_event_open, &wanted, 0, -1, -1,
                      PERF_FLAG_FD_CLOEXEC);
}

/* GCOVR_EXCL_BR_START: it depends on the machine whether the system lets the
   process count instructions */
static void counter_start(int counter)
{
  if (counter >= 0)
    (void)ioctl(counter, PERF_EVENT_IOC_ENABLE, 0);
}

/* Stops the counter and closes it. false: it counted nothing. */
static bool counter_end(int counter, uint64_t *count)
{
  if (counter < 0)
    return false;
  (void)ioctl(counter, PERF_EVENT_IOC_DISABLE, 0);
  bool is_read = read(counter, count, sizeof *count) == sizeof *count;
  (void)close(counter);
  return is_read && *count > 0;
}
/* GCOVR_EXCL_BR_STOP */

#else

static int counter_open(void)
{
  return -1;
}

static void counter_start(int counter)
{
  (void)counter;
}

static bool counter_end(int counter, uint64_t *count)
{
  (void)counter;
  (void)count;
  return false;
}

#endif

/* }================================================================== */

/*
** {==================================================================
** The count of page faults, and the clock
** ===================================================================
*/

#if PLATFORM_USAGE

/* false: the system does not count them. */
static bool faults_now(uint64_t *count)
{
  struct rusage usage;
  (void)getrusage(RUSAGE_SELF, &usage);
  *count = (uint64_t)usage.ru_minflt + (uint64_t)usage.ru_majflt;
  return true;
}

#else

static bool faults_now(uint64_t *count)
{
  *count = 0;
  return false;
}

#endif

/* Processor time, or the time of day where the system has no other clock. */
static double seconds_now(void)
{
  struct timespec now;
  /* GCOVR_EXCL_BR_START: every POSIX system has the clock */
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) != 0)
    (void)clock_gettime(CLOCK_REALTIME, &now);
  /* GCOVR_EXCL_BR_STOP */
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* }================================================================== */

static void run_all(struct measure_pass *pass, struct measure_cost *cost)
{
  int counter = counter_open();
  uint64_t faults_before, faults_after;
  (void)faults_now(&faults_before);
  double began = seconds_now();
  counter_start(counter);
  while (pass->at < pass->loaded->count)
    (void)measure_request(pass, false);
  cost->has_instructions = counter_end(counter, &cost->instructions);
  cost->seconds = seconds_now() - began;
  cost->has_page_faults = faults_now(&faults_after);
  cost->page_faults = faults_after - faults_before;
}

static void lower(uint64_t *least, uint64_t value)
{
  if (value < *least)
    *least = value;
}

static void keep_least(struct measure_cost *cost,
                       const struct measure_cost *other)
{
  if (other->seconds < cost->seconds)
    cost->seconds = other->seconds;
  lower(&cost->page_faults, other->page_faults);
  lower(&cost->instructions, other->instructions);
  cost->has_page_faults &= other->has_page_faults;
  cost->has_instructions &= other->has_instructions;
}

bool measure_cost(const struct loaded_trace *loaded, const pym_options *options,
                  struct measure_cost *cost)
{
  for (int i = 0; i < MEASURE_COST_PASSES; i++) {
    struct measure_pass pass;
    struct measure_cost found = {0};
    bool is_open = measure_pass_open(&pass, loaded, options);
    if (is_open)
      run_all(&pass, &found);
    measure_pass_close(&pass);
    if (!is_open)
      return false;
    if (i == 0)
      *cost = found;
    else
      keep_least(cost, &found);
  }
  return true;
}
