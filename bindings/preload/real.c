#define _GNU_SOURCE

/*
** real.so replays a trace on the allocator of the process that it is loaded
** into, and ends that process. It is preloaded into a shell, together with the
** library of an allocator, or loaded by an interpreter of Python with ctypes.
**
** It is a library because LuaRocks installs C modules as it does core.so, and
** because an interpreter can load it. All memory that it uses is the shared
** memory of the plan.
*/
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "real_allocator.h"
#include "real_plan.h"
#include "real_resident.h"

#define EXPORT __attribute__((visibility("default")))
#define PAGE_BYTES 4096u

struct replay {
  struct real_plan *plan;
  struct real_allocator allocator;
  uint64_t live;
  struct timespec start; /* when the clock was last started */
};

/*
** {==================================================================
** One request
** ===================================================================
*/

static void touch(const struct real_plan *plan, char *block, size_t bytes)
{
  volatile char *const bytes_of_block = block;
  if (plan->touch == REAL_TOUCH_ALL)
    memset(block, 1, bytes);
  else if (plan->touch == REAL_TOUCH_PAGES)
    for (size_t i = 0; i < bytes;
         i += PAGE_BYTES - ((uintptr_t)(block + i) & (PAGE_BYTES - 1)))
      bytes_of_block[i] = 1;
}

/* Serves a request for 'bytes' > 0 bytes; NULL: it was refused. */
static char *serve(const struct real_allocator *allocator, uint32_t letter,
                   char *old, size_t bytes)
{
  if (letter == REAL_CALLOC)
    return allocator->calloc(1, bytes);
  return letter == REAL_REALLOC ? allocator->realloc(old, bytes)
                                : allocator->malloc(bytes);
}

/* A size of 0 is passed on as 1, as CPython does. */
static void resize(struct replay *replay, const struct real_request *request)
{
  struct real_handle *handle = &real_handles(replay->plan)[request->handle];
  size_t bytes = request->bytes == 0 ? 1 : request->bytes;
  char *block =
      serve(&replay->allocator, request->letter, handle->block, bytes);
  if (block == NULL) {
    replay->plan->refused++;
    return;
  }
  touch(replay->plan, block, bytes);
  replay->live += request->bytes - handle->bytes;
  *handle = (struct real_handle){block, request->bytes};
}

static void release(struct replay *replay, uint32_t number)
{
  struct real_handle *handle = &real_handles(replay->plan)[number];
  replay->allocator.free(handle->block);
  replay->live -= handle->bytes;
  *handle = (struct real_handle){NULL, 0};
}

/* }================================================================== */

/*
** {==================================================================
** All requests
** ===================================================================
*/

static double seconds_since(const struct timespec *start)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)(now.tv_sec - start->tv_sec) +
         (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

static uint64_t page_faults(void)
{
  struct rusage usage;
  (void)getrusage(RUSAGE_SELF, &usage);
  return (uint64_t)(usage.ru_minflt + usage.ru_majflt);
}

/* Resident bytes without the baseline. A page of it may have been freed. */
static uint64_t above_baseline(const struct real_plan *plan)
{
  const char *source;
  uint64_t resident = real_resident(&source);
  return resident > plan->baseline ? resident - plan->baseline : 0;
}

/* Takes a sample; the clock stands still meanwhile. */
static void take(struct replay *replay, struct real_sample *sample)
{
  replay->plan->seconds += seconds_since(&replay->start);
  sample->resident = above_baseline(replay->plan);
  sample->live = replay->live;
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &replay->start);
}

static void run_all(struct replay *replay)
{
  struct real_plan *plan = replay->plan;
  const struct real_request *requests = real_requests(plan);
  struct real_sample *next = real_samples(plan);
  const struct real_sample *end = next + plan->sample_count;
  uint64_t faults = page_faults();
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &replay->start);
  for (uint64_t i = 0; i < plan->request_count; i++) {
    plan->done = i + 1;
    if (requests[i].letter != REAL_FREE)
      resize(replay, &requests[i]);
    else if (requests[i].handle != REAL_NO_HANDLE)
      release(replay, requests[i].handle);
    if (next < end && next->after == i + 1)
      take(replay, next++);
  }
  plan->seconds += seconds_since(&replay->start);
  plan->page_faults = page_faults() - faults;
}

static void run(struct real_plan *plan)
{
  struct replay replay = {.plan = plan};
  const char *source;
  if (!real_allocator_find(&replay.allocator, plan))
    return;
  if (plan->kind == REAL_CPYTHON)
    real_python_fill(&replay.allocator);
  else
    (void)replay.allocator.malloc(1); /* initialises the allocator */
  plan->baseline = real_resident(&source);
  assert(strlen(source) < sizeof plan->source);
  memcpy(plan->source, source, strlen(source) + 1);
  plan->is_begun = 1;
  run_all(&replay);
  plan->trimmed = real_allocator_trim(plan) ? above_baseline(plan) : 0;
  plan->is_done = 1;
}

/* }================================================================== */

/*
** {==================================================================
** The process
** ===================================================================
*/

/* The plan of this process, or NULL. */
static struct real_plan *map_plan(void)
{
  const char *number = getenv(REAL_VARIABLE);
  int file = number == NULL ? -1 : (int)strtol(number, NULL, 10);
  struct stat about;
  if (file < 0 || fstat(file, &about) != 0 ||
      (size_t)about.st_size < sizeof(struct real_plan))
    return NULL;
  struct real_plan *plan = mmap(NULL, (size_t)about.st_size,
                                PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  return plan == MAP_FAILED || plan->magic != REAL_MAGIC ? NULL : plan;
}

/*
** Ends this process when its parent, which waits for it, ends; and switches
** core dumps off, in case the allocator fails. The parent may have ended before
** the call of prctl.
*/
static void bind_to(const struct real_plan *plan)
{
  const struct rlimit none = {0, 0};
  (void)setrlimit(RLIMIT_CORE, &none);
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (kill(plan->parent, 0) != 0 && errno == ESRCH)
    _exit(EXIT_FAILURE);
  if (!plan->huge_pages)
    (void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

static void run_and_exit(struct real_plan *plan)
{
  bind_to(plan);
  run(plan);
  _exit(EXIT_SUCCESS);
}

__attribute__((constructor)) static void begin(void)
{
  struct real_plan *plan = map_plan();
  if (plan != NULL && plan->kind != REAL_CPYTHON)
    run_and_exit(plan);
}

/* For CPython, whose thread must hold the lock of the interpreter. */
EXPORT void pymalloc_real_replay(void);
EXPORT void pymalloc_real_replay(void)
{
  struct real_plan *plan = map_plan();
  if (plan != NULL)
    run_and_exit(plan);
}

/* }================================================================== */
