#include "python_origin.h"

#include <stddef.h>

#include "python_api.h"
#include "python_sites.h"
#include "site_table.h"
#include "writer.h"

#define THREAD_INTERPRETER 16 /* PyThreadState: interp, in all versions */
#define USE_MAIN_OBMALLOC (1UL << 5) /* Py_RTFLAGS_USE_MAIN_OBMALLOC, of 3.12 */
#define CEVAL_GIL_3_13 112 /* _Py_DebugOffsets: interpreter_state.ceval_gil */

/*
** An isolated interpreter. When it has ended, another interpreter, with another
** id, may begin at the same address.
*/
struct isolated {
  const void *interpreter;
  int64_t id;
  struct sites *sites;
  struct isolated *next;
};

static struct isolated *first_isolated; /* only added to */
static struct sites *main_sites;        /* of all that share its allocator */
static unsigned depth;
static bool has_isolated; /* from 3.12 on */

void origin_open(unsigned frames)
{
  has_isolated = python_api.minor >= 12 && python_api.get_thread != NULL &&
                 python_api.main_interpreter != NULL &&
                 python_api.interpreter_id != NULL;
  if (frames == 0 || python_api.layout == NULL)
    return;
  main_sites = sites_new();
  depth = frames < SITES_DEPTH_MAX ? frames : SITES_DEPTH_MAX;
}

/*
** Does an interpreter use the allocator of the main one? In 3.12 it is a feature
** that CPython can be asked for. In 3.13, interpreters that share the allocator
** have one GIL. For other versions it is not known, and false is returned.
*/
static bool shares_allocator(const void *interpreter, const void *main)
{
  if (python_api.has_feature != NULL)
    return python_api.has_feature(interpreter, USE_MAIN_OBMALLOC) != 0;
  if (python_api.minor != 13 || python_api.runtime == NULL)
    return false;
  size_t gil = LAYOUT_READ(uint64_t, python_api.runtime, CEVAL_GIL_3_13);
  return LAYOUT_READ(void *, interpreter, gil) ==
         LAYOUT_READ(void *, main, gil);
}

static struct isolated *add_isolated(const void *interpreter)
{
  struct isolated *added = site_table_pages(sizeof *added);
  if (added == NULL)
    return NULL;
  added->interpreter = interpreter;
  added->sites = depth == 0 ? NULL : sites_new();
  added->next = __atomic_load_n(&first_isolated, __ATOMIC_ACQUIRE);
  bool is_added;
  do
    is_added =
        __atomic_compare_exchange_n(&first_isolated, &added->next, added, false,
                                    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
  while (!is_added);
  return added;
}

static struct sites *isolated_sites(const void *interpreter, int64_t id)
{
  struct isolated *at = __atomic_load_n(&first_isolated, __ATOMIC_ACQUIRE);
  while (at != NULL && at->interpreter != interpreter)
    at = at->next;
  if (at == NULL)
    at = add_isolated(interpreter);
  if (at == NULL || at->sites == NULL)
    return NULL;
  if (at->id != id)
    sites_clear(at->sites);
  at->id = id;
  return at->sites;
}

/* The remembered sites of the interpreter of a thread, and its number. */
static struct sites *sites_of(const void *thread, uint32_t *number)
{
  const void *interpreter = LAYOUT_READ(void *, thread, THREAD_INTERPRETER);
  *number = 0;
  if (!has_isolated)
    return main_sites;
  const void *main = python_api.main_interpreter();
  if (interpreter == main || main == NULL || interpreter == NULL ||
      shares_allocator(interpreter, main))
    return main_sites;
  int64_t id = python_api.interpreter_id(interpreter);
  if (id <= 0 || id > ORIGIN_INTERPRETER_MAX) {
    *number = ORIGIN_NOT_COUNTED;
    return NULL;
  }
  *number = (uint32_t)id;
  return depth == 0 ? NULL : isolated_sites(interpreter, id);
}

struct origin origin_now(void)
{
  struct origin origin = {0, 0};
  if ((depth == 0 && !has_isolated) || !writer_is_open())
    return origin;
  const void *thread = python_api.get_thread();
  if (thread == NULL)
    return origin;
  struct sites *sites = sites_of(thread, &origin.interpreter);
  if (sites != NULL)
    origin.site = sites_find(sites, thread, depth);
  return origin;
}

static void forget(const void *block)
{
  uint32_t number;
  const void *thread = python_api.get_thread();
  struct sites *sites = thread == NULL ? main_sites : sites_of(thread, &number);
  if (sites != NULL)
    sites_forget(sites, block);
}

void origin_forget(const void *block)
{
  if (depth != 0 && sites_may_have(block))
    forget(block);
}
