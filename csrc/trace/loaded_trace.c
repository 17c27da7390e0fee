#include "trace/loaded_trace.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/idmap.h"
#include "serve/supply.h"
#include "trace/loaded_packed.h"
#include "trace/loaded_parts.h"

/* The state of reading a trace. */
struct reading {
  struct loaded_trace *loaded;
  size_t interpreter;   /* the one whose requests are kept */
  size_t most;          /* requests that are kept */
  size_t present;       /* that of the line just read */
  struct idmap handles; /* id -> its handle, as 'bytes' */
  uint32_t *spare;      /* handles to be used again */
  size_t spare_count, spare_capacity;
};

/* Makes room for one more spare handle. false: there is no memory. */
static bool grow_spare(struct reading *reading)
{
  size_t wanted = reading->spare_capacity + reading->spare_capacity / 2 + 256;
  if (reading->spare_count < reading->spare_capacity)
    return true;
  uint32_t *grown = realloc(reading->spare, wanted * sizeof *grown);
  if (grown == NULL)
    return false;
  reading->spare = grown;
  reading->spare_capacity = wanted;
  return true;
}

/* Gives a new id a handle. */
static bool new_handle(struct reading *reading, uint64_t id, uint32_t *handle)
{
  struct loaded_trace *loaded = reading->loaded;
  *handle = reading->spare_count > 0 ? reading->spare[reading->spare_count - 1]
                                     : (uint32_t)loaded->handle_count;
  assert(*handle <= loaded->handle_count && *handle < LOADED_TRACE_NO_HANDLE);
  if (!idmap_add(&reading->handles, id, NULL, *handle))
    return false;
  if (reading->spare_count > 0)
    reading->spare_count--;
  else
    loaded->handle_count++;
  return true;
}

/* Ends an id, if it is live. Its handle can be used again. */
static bool end_handle(struct reading *reading, uint64_t id, uint32_t *handle)
{
  struct idmap_entry *entry = idmap_find(&reading->handles, id);
  *handle = LOADED_TRACE_NO_HANDLE;
  if (entry == NULL)
    return true;
  if (!grow_spare(reading))
    return false;
  *handle = (uint32_t)entry->bytes;
  assert(*handle < reading->loaded->handle_count);
  reading->spare[reading->spare_count++] = *handle;
  idmap_remove(&reading->handles, entry);
  return true;
}

static bool find_handle(struct reading *reading, const struct trace_op *op,
                        uint32_t *handle)
{
  if (op->letter == TRACE_FREE)
    return end_handle(reading, op->id, handle);
  const struct idmap_entry *entry = idmap_find(&reading->handles, op->id);
  if (entry == NULL)
    return new_handle(reading, op->id, handle);
  *handle = (uint32_t)entry->bytes;
  reading->loaded->repeats_ids |= op->letter != TRACE_REALLOC;
  return true;
}

static bool add_request(struct reading *reading, const struct trace_op *op)
{
  uint32_t handle;
  return find_handle(reading, op, &handle) &&
         loaded_trace_add(reading->loaded, op, handle);
}

/* Adds an operation, unless it is of another interpreter. */
static bool add(struct reading *reading, const struct trace_op *op)
{
  bool is_other = reading->present != reading->interpreter;
  if (op->letter == TRACE_INTERPRETER)
    reading->present = (size_t)op->count;
  if (!trace_is_request(op->letter))
    return loaded_trace_add_other(reading->loaded, op, is_other);
  reading->loaded->left_out += is_other;
  return is_other || add_request(reading, op);
}

/* Reads to the end of the trace, the last request or the first error. */
static bool read_all(struct reading *reading, struct trace *trace, char *why,
                     size_t why_bytes)
{
  struct trace_op op;
  enum trace_status status = TRACE_END;
  while (reading->loaded->count < reading->most &&
         (status = trace_next(trace, &op)) == TRACE_OP)
    if (!add(reading, &op)) {
      (void)snprintf(why, why_bytes, "not enough memory for request %zu",
                     reading->loaded->count + 1);
      return false;
    }
  if (status == TRACE_ERROR)
    (void)snprintf(why, why_bytes, "%s", trace_error(trace));
  return status != TRACE_ERROR;
}

bool loaded_trace_read(struct loaded_trace *loaded, struct trace *trace,
                       size_t interpreter, char *why, size_t why_bytes)
{
  return loaded_trace_read_most(loaded, trace, interpreter, LOADED_TRACE_MAX,
                                why, why_bytes);
}

bool loaded_trace_read_most(struct loaded_trace *loaded, struct trace *trace,
                            size_t interpreter, size_t most, char *why,
                            size_t why_bytes)
{
  struct reading reading = {
      .loaded = loaded, .interpreter = interpreter, .most = most};
  struct packed_reader *packed = trace_packed(trace);
  *loaded = (struct loaded_trace){0};
  if (packed != NULL)
    return loaded_trace_unpack(loaded, trace, packed, interpreter, most, why,
                               why_bytes);
  if (!idmap_open(&reading.handles)) {
    (void)snprintf(why, why_bytes, "not enough memory");
    return false;
  }
  bool is_read = read_all(&reading, trace, why, why_bytes);
  idmap_close(&reading.handles);
  free(reading.spare);
  return is_read;
}

/* Is it a malloc or calloc of an id that is live? Updates live[handle]. */
static bool is_live_again(bool *live, const struct request *request)
{
  if (request->handle == LOADED_TRACE_NO_HANDLE)
    return false;
  bool was_live = live[request->handle];
  live[request->handle] = request->letter != TRACE_FREE &&
                          (was_live || request->bytes <= REQUEST_MAX_64);
  return was_live &&
         (request->letter == TRACE_MALLOC || request->letter == TRACE_CALLOC);
}

void loaded_trace_allow(const struct allowance *allowance, pym_heap *heap)
{
  if (allowance->letter == TRACE_ALLOW)
    pym_heap_allow_arenas(heap, allowance->number);
  else
    supply_offset_arenas(heap, allowance->number);
}

size_t loaded_trace_live_again(const struct loaded_trace *loaded)
{
  size_t found = 0;
  if (!loaded->repeats_ids)
    return 0;
  bool *live = calloc(loaded->handle_count + 1, sizeof *live);
  if (live == NULL)
    return SIZE_MAX;
  for (size_t i = 0; i < loaded->count && found == 0; i++)
    if (is_live_again(live, &loaded->items[i]))
      found = i + 1;
  free(live);
  return found;
}

void loaded_trace_close(struct loaded_trace *loaded)
{
  free(loaded->items);
  free(loaded->allowances);
  free(loaded->ids);
  free(loaded->sites);
  free(loaded->marks);
  free(loaded->tree.items);
  free(loaded->texts.bytes);
  *loaded = (struct loaded_trace){0};
}
