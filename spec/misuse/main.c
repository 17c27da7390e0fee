/*
** misuse: commits each misuse of cases.c on four kinds of heaps, each in a
** process of its own, makes 600 more requests (the churn), and prints a table
** of the outcomes.
**
**   reported  the heap reported the misuse and continued
**   refused   the request itself failed, as documented
**   silent    nothing was reported, and the churn found no fault
**   WRONG     the churn got a block that was not free
**   died      a signal ended the process
**
** The exit code is 1 if a debug heap neither reports nor refuses a misuse, or
** if a checked heap allocates a wrong block or ends by a signal that is not the
** C library's.
*/
#define _DEFAULT_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "misuse.h"

/* May the C library end the process when its own blocks are damaged? */
#ifdef __GLIBC__
#define RAW_MAY_END false
#else
#define RAW_MAY_END true
#endif

#define CHURN_REQUESTS 600
#define CHURN_BLOCKS 40u

enum outcome { SILENT, REPORTED, REFUSED, WRONG, DIED, OUTCOME_COUNT };
static const char *const outcome_names[] = {"silent", "reported", "refused",
                                            "WRONG", "died"};

struct kind {
  const char *name;
  bool checked;
  pym_debug debug;
};

static const struct kind kinds[] = {{"plain", false, PYM_DEBUG_OFF},
                                    {"checked", true, PYM_DEBUG_OFF},
                                    {"debug 3.6", true, PYM_DEBUG_3_6},
                                    {"debug 3.8", true, PYM_DEBUG_3_8}};
#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

/* The result of the child, in memory shared with the parent. */
struct result {
  bool is_reported, is_refused, is_wrong;
  char kind[60];
};

static void note(void *context, const pym_misuse *report)
{
  struct result *result = context;
  if (!result->is_reported)
    (void)snprintf(result->kind, sizeof result->kind, "%s", report->kind);
  result->is_reported = true;
}

/*
** {==================================================================
** The churn
** ===================================================================
*/

struct churn {
  unsigned char *blocks[CHURN_BLOCKS];
  size_t bytes[CHURN_BLOCKS];
  uint64_t random;
};

static size_t next_random(struct churn *churn, size_t below)
{
  churn->random = churn->random * UINT64_C(6364136223846793005) + 1442695041;
  return (size_t)(churn->random >> 33) % below;
}

/* Does a block have the bytes that were written to it? */
static bool is_intact(const struct churn *churn, size_t i)
{
  for (size_t k = 0; k < churn->bytes[i]; k++)
    if (churn->blocks[i][k] != (unsigned char)(i + 1))
      return false;
  return true;
}

/* Most sizes are of the victim's class, whose pools are damaged. */
static size_t next_size(struct churn *churn)
{
  return next_random(churn, 3) > 0 ? VICTIM_BYTES
                                   : next_random(churn, 1000) + 1;
}

/* Was a block allocated that is in no pool, or that is live already? */
static bool is_intruder(const pym_heap *heap, const struct churn *churn,
                        size_t i)
{
  pym_location place;
  bool is_small = churn->bytes[i] <= VICTIM_BYTES;
  for (size_t k = 0; k < CHURN_BLOCKS; k++)
    if (k != i && churn->blocks[k] == churn->blocks[i])
      return true;
  return is_small && !pym_locate(heap, churn->blocks[i], &place);
}

static bool churn_once(struct churn *churn, pym_heap *heap)
{
  size_t i = next_random(churn, CHURN_BLOCKS);
  if (churn->blocks[i] != NULL) {
    bool good = is_intact(churn, i);
    pym_free(heap, churn->blocks[i]);
    churn->blocks[i] = NULL;
    return good;
  }
  churn->bytes[i] = next_size(churn);
  churn->blocks[i] = pym_malloc(heap, churn->bytes[i]);
  if (churn->blocks[i] == NULL)
    return true;
  if (is_intruder(heap, churn, i))
    return false;
  memset(churn->blocks[i], (int)i + 1, churn->bytes[i]);
  return true;
}

/* false: a block has lost its bytes, so it was allocated twice. */
static bool churn_all(pym_heap *heap, struct churn *churn)
{
  for (int i = 0; i < CHURN_REQUESTS; i++)
    if (!churn_once(churn, heap))
      return false;
  for (size_t i = 0; i < CHURN_BLOCKS; i++)
    if (churn->blocks[i] != NULL && !is_intact(churn, i))
      return false;
  return true;
}

/* }================================================================== */

static pym_heap *open_heap(const struct kind *kind, struct result *result)
{
  pym_options options = pym_options_default();
  options.checked = kind->checked;
  options.debug = kind->debug;
  options.on_misuse = note;
  options.misuse_context = result;
  if (kind->debug == PYM_DEBUG_3_8)
    options.geometry = pym_profile_find("3.8")->geometry;
  return pym_heap_new(&options);
}

static void play(const struct kind *kind, misuse run, struct result *result)
{
  struct churn churn = {.random = 1};
  struct scene scene = {.heap = open_heap(kind, result)};
  size_t alignment = pym_heap_geometry(scene.heap)->alignment;
  scene.class_bytes = (VICTIM_BYTES + alignment - 1) / alignment * alignment;
  scene.link_offset = kind->debug == PYM_DEBUG_OFF ? 0 : 16;
  scene.before = pym_malloc(scene.heap, VICTIM_BYTES);
  scene.victim = pym_malloc(scene.heap, VICTIM_BYTES);
  scene.behind = pym_malloc(scene.heap, VICTIM_BYTES);
  scene.large = pym_malloc(scene.heap, LARGE_BYTES);
  memset(scene.large, 0x77, LARGE_BYTES);
  result->is_refused = run(&scene);
  churn.blocks[0] = scene.behind; /* live: no request may allocate it */
  churn.bytes[0] = VICTIM_BYTES;
  memset(scene.behind, 1, VICTIM_BYTES);
  result->is_wrong = !churn_all(scene.heap, &churn);
  pym_heap_delete(scene.heap);
}

static enum outcome judge(int status, const struct result *result)
{
  if (WIFSIGNALED(status))
    return DIED;
  if (result->is_wrong)
    return WRONG;
  if (result->is_reported)
    return REPORTED;
  return result->is_refused ? REFUSED : SILENT;
}

static enum outcome try(const struct kind *kind, misuse run,
                        struct result *result)
{
  int status = 0;
  memset(result, 0, sizeof *result);
  (void)fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    (void)fclose(stderr);
    play(kind, run, result);
    _exit(0);
  }
  (void)waitpid(child, &status, 0);
  return judge(status, result);
}

static bool is_acceptable(const struct kind *kind, misuse run,
                          enum outcome outcome)
{
  if (kind->debug != PYM_DEBUG_OFF)
    return outcome == REPORTED || outcome == REFUSED;
  if (!kind->checked ||
      (RAW_MAY_END && outcome == DIED && misuse_damages_raw(run)))
    return true;
  return outcome != WRONG && outcome != DIED;
}

static void print_totals(size_t counts[KIND_COUNT][OUTCOME_COUNT])
{
  for (size_t o = 0; o < OUTCOME_COUNT; o++) {
    printf("  %-36s", outcome_names[o]);
    for (size_t k = 0; k < KIND_COUNT; k++)
      printf(" %9zu", counts[k][o]);
    printf("\n");
  }
}

int main(void)
{
  bool is_good = true;
  size_t counts[KIND_COUNT][OUTCOME_COUNT] = {0};
  const struct rlimit no_core = {0, 0};
  struct result *result = mmap(NULL, sizeof *result, PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  (void)setrlimit(RLIMIT_CORE, &no_core);
  printf("%-38s", "misuse");
  for (size_t k = 0; k < KIND_COUNT; k++)
    printf(" %9s", kinds[k].name);
  printf("  report\n");
  for (size_t i = 0; i < misuse_case_count; i++) {
    printf("%2zu %-35s", i + 1, misuse_cases[i].name);
    for (size_t k = 0; k < KIND_COUNT; k++) {
      enum outcome outcome = try(&kinds[k], misuse_cases[i].run, result);
      counts[k][outcome]++;
      is_good &= is_acceptable(&kinds[k], misuse_cases[i].run, outcome);
      printf(" %9s", outcome_names[outcome]);
    }
    printf("  %s\n", result->kind);
  }
  print_totals(counts);
  return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
