#include "sink_calls.h"

#include <stdlib.h>

/*
** {==================================================================
** Processes
** ===================================================================
*/

bool sink_processes_open(struct sink_processes *processes)
{
  return idmap_open(&processes->map);
}

void sink_processes_close(struct sink_processes *processes)
{
  size_t at = 0;
  struct idmap_entry *entry;
  while ((entry = idmap_next(&processes->map, &at)) != NULL)
    free(entry->block);
  idmap_close(&processes->map);
  *processes = (struct sink_processes){0};
}

struct sink_process *sink_process_find(const struct sink_processes *processes,
                                       uint64_t key)
{
  const struct idmap_entry *entry = idmap_find(&processes->map, key);
  return entry == NULL ? NULL : entry->block;
}

bool sink_process_set(struct sink_processes *processes, uint64_t key,
                      bool is_own)
{
  struct sink_process *process = sink_process_find(processes, key);
  if (process != NULL)
    process->is_own = is_own;
  if (process != NULL || processes->map.table.count == PROCESSES_MAX)
    return true;
  process = calloc(1, sizeof *process);
  if (process == NULL || !idmap_add(&processes->map, key, process, 0)) {
    free(process);
    return false;
  }
  process->is_own = is_own;
  return true;
}

/* }================================================================== */

/*
** {==================================================================
** Calls
** ===================================================================
*/

void sink_call_begin(struct sink_process *process, struct trace_writer *writer,
                     const struct sink_call *call)
{
  assert(!process->is_open && !process->is_busy);
  process->is_open = true;
  process->call = *call;
  if (call->kind == CALL_FREE)
    trace_put_free(writer, call->fields.address);
  else if (call->kind == CALL_REALLOC)
    process->call.id = trace_take_id(writer, call->fields.old);
}

bool sink_call_nest(struct sink_process *process)
{
  assert(process->is_open);
  if (process->call.nested == NESTED_MAX)
    return false;
  process->call.nested++;
  return true;
}

bool sink_call_end(struct sink_process *process, struct trace_writer *writer,
                   unsigned number, uint64_t result)
{
  const struct sink_call *call = &process->call;
  const struct line_fields *fields = &call->fields;
  if (!process->is_open || call->number + 1 != number ||
      (result == 0 && call->kind != CALL_FREE))
    return false;
  process->is_open = false;
  switch (call->kind) {
  case CALL_MALLOC:
    trace_put_malloc(writer, result, fields->size);
    break;
  case CALL_CALLOC:
    trace_put_calloc(writer, result, fields->count, fields->size);
    break;
  case CALL_REALLOC:
    trace_put_realloc(writer, call->id, result, fields->size);
    break;
  case CALL_FREE:
    break;
  }
  return true;
}

bool sink_call_take(struct sink_process *process, struct sink_call *call)
{
  *call = process->call;
  bool was_open = process->is_open;
  process->is_open = false;
  return was_open;
}

uint64_t sink_calls_cut(const struct sink_processes *processes)
{
  size_t at = 0;
  uint64_t count = 0;
  const struct idmap_entry *entry;
  while ((entry = idmap_next(&processes->map, &at)) != NULL) {
    const struct sink_process *process = entry->block;
    count += process->is_open && process->call.kind != CALL_FREE;
  }
  return count;
}

/* }================================================================== */
