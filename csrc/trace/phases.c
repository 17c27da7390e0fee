#include "trace/phases.h"

#include <stdlib.h>
#include <string.h>

/* Makes room for one more. false: there is no memory. */
static bool grow(struct phases *phases)
{
  if (phases->count < phases->capacity)
    return true;
  size_t capacity = phases->capacity == 0 ? 16 : 2 * phases->capacity;
  struct phase *grown = realloc(phases->items, capacity * sizeof *grown);
  if (grown == NULL)
    return false;
  phases->items = grown;
  phases->capacity = capacity;
  return true;
}

struct phase *phases_add(struct phases *phases, const struct trace_op *mark)
{
  assert(mark->letter == TRACE_MARK && mark->text_bytes <= TRACE_TEXT_MAX);
  if (phases->count == PHASES_MAX || !grow(phases)) {
    phases->left_out++;
    return NULL;
  }
  struct phase *phase = &phases->items[phases->count++];
  *phase = (struct phase){0};
  memcpy(phase->text, mark->text, mark->text_bytes);
  return phase;
}

void phases_close(struct phases *phases)
{
  free(phases->items);
  *phases = (struct phases){0};
}
