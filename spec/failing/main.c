/*
** failing [--list]: runs each case again and again: first the 1st call below
** it fails, then the 2nd, and so on, until the case makes fewer calls; once
** with only that call failing, and once with all calls after it, too. After
** each run the heap must be whole, no live block may have lost a byte,
** requests must be served again, and no resource may be left.
**
**   --list  prints the names of the functions that have a case
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failing.h"

#define OLD 200u

_Noreturn void failing_end(const char *fact, const char *file, int line)
{
  (void)fprintf(stderr, "%s:%d: not true: %s\n", file, line, fact);
  abort();
}

bool failing_drop(void *context, const char *text, size_t bytes)
{
  (void)context, (void)text, (void)bytes;
  return true;
}

static void no_misuse(void *context, const pym_misuse *misuse)
{
  (void)context;
  failing_end(misuse->report, __FILE__, __LINE__);
}

bool failing_options(size_t number, pym_options *options)
{
  *options = pym_options_default();
  options->geometry = pym_profile_find("classroom")->geometry;
  options->reserve_bytes = (size_t)1 << 22;
  options->retain_bytes = 0;
  options->on_misuse = no_misuse;
  switch (number) {
  case 0:
    return true;
  case 1:
    options->checked = true;
    return true;
  case 2:
    options->debug = PYM_DEBUG_3_6;
    options->quarantine = 10;
    return true;
  case 3:
    options->cache_blocks = 7;
    return true;
  case 4:
    options->max_bytes = (size_t)1 << 24;
    options->cache_blocks = 3;
    options->debug = PYM_DEBUG_3_8;
    options->quarantine = 0;
    return true;
  case 5:
    options->cache_blocks = 7;
    options->medium = true;
    return true;
  default:
    return false;
  }
}

/*
** {==================================================================
** Stages
** ===================================================================
*/

static unsigned char byte_of(size_t i)
{
  return (unsigned char)(i % 251 + 1);
}

void stage_enter(struct stage *stage, size_t i, void *data, size_t bytes)
{
  stage->blocks[i] = data;
  stage->bytes[i] = bytes;
  if (data != NULL)
    memset(data, byte_of(i), bytes);
}

void stage_prove_content(const struct stage *stage, size_t i)
{
  for (size_t k = 0; k < stage->bytes[i]; k++)
    MUST(stage->blocks[i][k] == byte_of(i));
}

static void open_stage(struct stage *stage, const pym_options *options)
{
  memset(stage, 0, sizeof *stage);
  stage->heap = pym_heap_new(options);
  MUST(stage->heap != NULL);
  for (size_t i = 0; i < OLD; i++) {
    size_t bytes = i % 10 == 0 ? 700 + i : i % 60 + 1;
    stage_enter(stage, i, pym_malloc(stage->heap, bytes), bytes);
    MUST(stage->blocks[i] != NULL);
  }
}

/* Checks the heap and its blocks, and that requests are served again. */
static void close_stage(struct stage *stage)
{
  MUST(pym_check(stage->heap, NULL));
  for (size_t bytes = 0; bytes < 2000; bytes += 19) {
    void *data = pym_malloc(stage->heap, bytes);
    MUST(data != NULL);
    pym_free(stage->heap, data);
  }
  for (size_t i = 0; i < STAGE_BLOCKS; i++) {
    if (stage->blocks[i] != NULL)
      stage_prove_content(stage, i);
    pym_free(stage->heap, stage->blocks[i]);
  }
  MUST(pym_check(stage->heap, NULL));
  pym_heap_delete(stage->heap);
}

/* }================================================================== */

static bool is_same(struct system_account one, struct system_account other)
{
  return one.blocks == other.blocks && one.mapped_bytes == other.mapped_bytes &&
         one.descriptors == other.descriptors;
}

/* Runs a case once, with the n-th call failing. Returns the number of calls. */
static size_t run_once(const struct failing_case *what,
                       const pym_options *options, size_t n, bool lasts)
{
  static struct stage stage;
  struct system_account before = system_account();
  if (what->kind != WHOLE)
    open_stage(&stage, options);
  system_fail(n, lasts);
  what->run(&stage);
  size_t calls = system_calls();
  system_fail(0, false);
  MUST(what->kind != ASKS_NOTHING || calls == 0);
  if (what->kind != WHOLE)
    close_stage(&stage);
  MUST(is_same(before, system_account()));
  return calls;
}

/*
** Runs a case with each call failing in turn. Returns the number of failures.
*/
static size_t run_on(const struct failing_case *what,
                     const pym_options *options)
{
  size_t failures = 0;
  for (int lasts = 0; lasts < 2; lasts++)
    for (size_t n = 1; run_once(what, options, n, lasts == 1) >= n; n++)
      failures++;
  return failures;
}

static size_t run_case(const struct failing_case *what)
{
  pym_options options;
  size_t failures = 0;
  if (what->kind == WHOLE)
    return run_on(what, NULL);
  for (size_t i = 0; failing_options(i, &options); i++)
    failures += run_on(what, &options);
  return failures;
}

static size_t run_cases(const struct failing_case *cases)
{
  size_t all = 0;
  for (; cases->name != NULL; cases++) {
    size_t failures = run_case(cases);
    printf("%7zu  %s%s\n", failures, cases->name,
           cases->kind == ASKS_NOTHING ? ", which makes no call that can fail"
                                       : "");
    (void)fflush(stdout);
    all += failures;
  }
  return all;
}

static int list(void)
{
  for (const struct failing_case *one = failing_public; one->name != NULL;
       one++)
    puts(one->name);
  return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
  if (argc > 1 && strcmp(argv[1], "--list") == 0)
    return list();
  size_t all = run_cases(failing_public) + run_cases(failing_inner) +
               run_cases(failing_runs) + run_cases(failing_lab) +
               run_cases(failing_packed);
  printf("%7zu  failures in all\n", all);
  return all > 1000 ? EXIT_SUCCESS : EXIT_FAILURE;
}
