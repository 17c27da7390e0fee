#include <stdlib.h>
#include <string.h>

#include "trace/loaded_parts.h"

#define FIRST_CAPACITY 256u

/* Makes room for one more element. false: there is no memory. */
static bool grow(void *array, size_t *capacity, size_t count,
                 size_t element_bytes)
{
  void **elements = array;
  if (count < *capacity)
    return true;
  size_t wanted = *capacity == 0 ? FIRST_CAPACITY : *capacity + *capacity / 2;
  void *grown = realloc(*elements, wanted * element_bytes);
  if (grown == NULL)
    return false;
  *elements = grown;
  *capacity = wanted;
  return true;
}

static uint64_t bytes_of(const struct trace_op *op)
{
  uint64_t total;
  if (op->letter == TRACE_FREE)
    return 0;
  if (op->letter != TRACE_CALLOC)
    return op->bytes;
  return __builtin_mul_overflow(op->count, op->bytes, &total) ? UINT64_MAX
                                                              : total;
}

/* Notes the site of the request to be added. false: there is no memory. */
static bool add_site_of(struct loaded_trace *loaded, uint32_t site)
{
  if (site == 0 && loaded->sites == NULL)
    return true;
  if (loaded->site_capacity < loaded->capacity) {
    uint32_t *grown = realloc(loaded->sites, loaded->capacity * sizeof *grown);
    if (grown == NULL)
      return false;
    size_t known = loaded->site_capacity;
    memset(grown + known, 0, (loaded->capacity - known) * sizeof *grown);
    loaded->sites = grown;
    loaded->site_capacity = loaded->capacity;
  }
  loaded->sites[loaded->count] = site;
  return true;
}

bool loaded_trace_keep_ids(struct loaded_trace *loaded)
{
  if (loaded->ids != NULL && loaded->id_capacity >= loaded->capacity)
    return true;
  uint64_t *grown = realloc(loaded->ids, loaded->capacity * sizeof *grown);
  if (grown == NULL)
    return false;
  for (size_t i = 0; loaded->ids == NULL && i < loaded->count; i++)
    grown[i] = (uint64_t)loaded->items[i].handle + 1;
  loaded->ids = grown;
  loaded->id_capacity = loaded->capacity;
  return true;
}

/* Notes the id of the request to be added. false: there is no memory. */
static bool add_id_of(struct loaded_trace *loaded, uint64_t id, uint32_t handle)
{
  if (loaded->ids == NULL && id == (uint64_t)handle + 1)
    return true;
  if (!loaded_trace_keep_ids(loaded))
    return false;
  loaded->ids[loaded->count] = id;
  return true;
}

bool loaded_trace_reserve(struct loaded_trace *loaded, size_t more)
{
  size_t wanted = loaded->count + more;
  /* GCOVR_EXCL_BR_START: a trace of 4,294,967,295 requests does not fit in the
     memory of this machine */
  if (wanted > LOADED_TRACE_MAX)
    return false;
  /* GCOVR_EXCL_BR_STOP */
  if (wanted <= loaded->capacity)
    return true;
  size_t doubled =
      wanted < 2 * loaded->capacity ? 2 * loaded->capacity : wanted;
  struct request *grown = realloc(loaded->items, doubled * sizeof *grown);
  if (grown == NULL) /* is there memory for less? */
    grown = realloc(loaded->items, wanted * sizeof *grown);
  else
    wanted = doubled;
  if (grown == NULL)
    return false;
  loaded->items = grown;
  loaded->capacity = wanted;
  return true;
}

bool loaded_trace_add(struct loaded_trace *loaded, const struct trace_op *op,
                      uint32_t handle)
{
  if ((loaded->count == loaded->capacity &&
       !loaded_trace_reserve(loaded, FIRST_CAPACITY)) ||
      !add_id_of(loaded, op->id, handle) || !add_site_of(loaded, op->site))
    return false;
  loaded->items[loaded->count++] =
      (struct request){bytes_of(op), handle, op->letter};
  return true;
}

static bool add_allowance(struct loaded_trace *loaded,
                          const struct trace_op *op)
{
  if (!grow(&loaded->allowances, &loaded->allowance_capacity,
            loaded->allowance_count, sizeof loaded->allowances[0]))
    return false;
  loaded->allowances[loaded->allowance_count++] =
      (struct allowance){loaded->count, size_of_number(op->count), op->letter};
  return true;
}

static bool add_mark(struct loaded_trace *loaded, const struct trace_op *op)
{
  if (!grow(&loaded->marks, &loaded->mark_capacity, loaded->mark_count,
            sizeof loaded->marks[0]))
    return false;
  struct mark *mark = &loaded->marks[loaded->mark_count];
  mark->after = loaded->count;
  if (!texts_add(&loaded->texts, op->text, op->text_bytes, &mark->text))
    return false;
  loaded->mark_count++;
  return true;
}

bool loaded_trace_add_other(struct loaded_trace *loaded,
                            const struct trace_op *op, bool is_other)
{
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (op->letter) {
  /* GCOVR_EXCL_BR_STOP */
  case TRACE_ALLOW:
  case TRACE_OFFSET:
    return is_other || add_allowance(loaded, op);
  case TRACE_SITE:
    return site_tree_add(&loaded->tree, &loaded->texts, op);
  case TRACE_MARK:
    return add_mark(loaded, op);
  case TRACE_MALLOC:
  case TRACE_CALLOC:
  case TRACE_REALLOC:
  case TRACE_FREE:
  case TRACE_INTERPRETER:
  case TRACE_DUMP:
  case TRACE_REPORT:
  case TRACE_CHECK:
    return true;
  }
  return true;
}
