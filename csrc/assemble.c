/*
** The life of a heap with all that its options put below and above it.
*/
#include <errno.h>

#include "budget.h"
#include "debug.h"

/* Without a limit there is no budget: '*budget' is then NULL. */
static bool open_budget(pym_options *options, struct budget **budget)
{
  pym_raw raw = options->raw;
  *budget = NULL;
  if (options->max_bytes == SIZE_MAX)
    return true;
  *budget = raw.malloc(raw.context, sizeof **budget);
  if (*budget == NULL)
    return false;
  budget_stand_below(*budget, options);
  return true;
}

static void close_budget(struct budget *budget)
{
  if (budget != NULL)
    budget->raw.free(budget->raw.context, budget);
}

pym_heap *pym_heap_new(const pym_options *options)
{
  struct budget *budget;
  pym_options wanted = options != NULL ? *options : pym_options_default();
  if (!open_budget(&wanted, &budget)) {
    errno = ENOMEM;
    return NULL;
  }
  pym_heap *heap = heap_create(&wanted);
  bool is_checked = wanted.checked || wanted.debug != PYM_DEBUG_OFF;
  if (heap != NULL && (!is_checked || debug_open(heap, &wanted)))
    return heap;
  int reason = heap == NULL ? errno : ENOMEM;
  if (heap != NULL)
    heap_destroy(heap);
  close_budget(budget);
  errno = reason;
  return NULL;
}

void pym_heap_delete(pym_heap *heap)
{
  if (heap == NULL)
    return;
  debug_close(heap->debug);
  struct budget *budget = budget_of(&heap->raw);
  heap_destroy(heap);
  close_budget(budget);
}
