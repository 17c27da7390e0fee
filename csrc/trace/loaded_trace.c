#include "trace/loaded_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/idmap.h"

/* The state of reading a trace. */
struct reading {
  struct loaded_trace *loaded;
  size_t interpreter;   /* the one whose requests are kept */
  size_t present;       /* that of the line just read */
  struct idmap handles; /* id -> its handle, as 'bytes' */
  uint32_t *spare;      /* handles to be used again */
  size_t spare_count, spare_capacity;
};

/* Makes room for one more element. false: there is no memory. */
static bool grow(void *array, size_t *capacity, size_t count,
                 size_t element_bytes)
{
  void **elements = array;
  if (count < *capacity)
    return true;
  size_t wanted = *capacity == 0 ? 256 : *capacity + *capacity / 2;
  void *grown = realloc(*elements, wanted * element_bytes);
  if (grown == NULL)
    return false;
  *elements = grown;
  *capacity = wanted;
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
  if (!grow(&reading->spare, &reading->spare_capacity, reading->spare_count,
            sizeof reading->spare[0]))
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
  return true;
}

static uint64_t bytes_of(const struct trace_op *op)
{
  uint64_t total;
  if (op->letter == TRACE_FREE)
    return 0;
  if (op->letter != TRACE_CALLOC)
    return op->bytes;
  /* GCOVR_EXCL_BR_START: no run in the tests has a calloc of more than 2^64
     bytes */
  return __builtin_mul_overflow(op->count, op->bytes, &total) ? SIZE_MAX
                                                              : total;
  /* GCOVR_EXCL_BR_STOP */
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

static bool add_request(struct reading *reading, const struct trace_op *op)
{
  struct loaded_trace *loaded = reading->loaded;
  uint32_t handle;
  /* GCOVR_EXCL_BR_START: a trace of 4,294,967,295 requests does not fit in the
     memory of this machine */
  if (loaded->count == LOADED_TRACE_MAX || !find_handle(reading, op, &handle) ||
      !grow(&loaded->items, &loaded->capacity, loaded->count,
            sizeof loaded->items[0]) ||
      !add_site_of(loaded, op->site))
    return false;
  /* GCOVR_EXCL_BR_STOP */
  loaded->items[loaded->count++] =
      (struct request){op->id, bytes_of(op), handle, op->letter};
  return true;
}

static bool add_allowance(struct loaded_trace *loaded,
                          const struct trace_op *op)
{
  if (!grow(&loaded->allowances, &loaded->allowance_capacity,
            loaded->allowance_count, sizeof loaded->allowances[0]))
    return false;
  loaded->allowances[loaded->allowance_count++] =
      (struct allowance){loaded->count, op->count};
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

/* Adds an operation, unless it is of another interpreter. */
static bool add(struct reading *reading, const struct trace_op *op)
{
  struct loaded_trace *loaded = reading->loaded;
  bool is_other = reading->present != reading->interpreter;
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (op->letter) {
  /* GCOVR_EXCL_BR_STOP */
  case TRACE_MALLOC:
  case TRACE_CALLOC:
  case TRACE_REALLOC:
  case TRACE_FREE:
    loaded->left_out += is_other;
    return is_other || add_request(reading, op);
  case TRACE_ALLOW:
    return is_other || add_allowance(loaded, op);
  case TRACE_SITE:
    return site_tree_add(&loaded->tree, &loaded->texts, op);
  case TRACE_MARK:
    return add_mark(loaded, op);
  case TRACE_INTERPRETER:
    reading->present = op->count;
    return true;
  case TRACE_DUMP:
  case TRACE_REPORT:
  case TRACE_CHECK:
    return true;
  }
  return true;
}

/* Reads to the end of the trace or to the first error. */
static bool read_all(struct reading *reading, struct trace *trace, char *why,
                     size_t why_bytes)
{
  struct trace_op op;
  enum trace_status status;
  while ((status = trace_next(trace, &op)) == TRACE_OP)
    if (!add(reading, &op)) {
      (void)snprintf(why, why_bytes, "not enough memory for request %zu",
                     reading->loaded->count + 1);
      return false;
    }
  if (status == TRACE_ERROR)
    (void)snprintf(why, why_bytes, "%s", trace_error(trace));
  return status == TRACE_END;
}

bool loaded_trace_read(struct loaded_trace *loaded, struct trace *trace,
                       size_t interpreter, char *why, size_t why_bytes)
{
  struct reading reading = {.loaded = loaded, .interpreter = interpreter};
  *loaded = (struct loaded_trace){0};
  if (!idmap_open(&reading.handles)) {
    (void)snprintf(why, why_bytes, "not enough memory");
    return false;
  }
  bool is_read = read_all(&reading, trace, why, why_bytes);
  idmap_close(&reading.handles);
  free(reading.spare);
  return is_read;
}

/* Does a request make the id of a handle live that is so already? */
static bool is_live_again(bool *live, const struct request *request)
{
  if (request->handle == LOADED_TRACE_NO_HANDLE)
    return false;
  bool was_live = live[request->handle];
  live[request->handle] = request->letter != TRACE_FREE &&
                          (was_live || request->bytes <= PTRDIFF_MAX);
  return was_live &&
         (request->letter == TRACE_MALLOC || request->letter == TRACE_CALLOC);
}

size_t loaded_trace_live_again(const struct loaded_trace *loaded)
{
  size_t found = 0;
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
  free(loaded->sites);
  free(loaded->marks);
  free(loaded->tree.items);
  free(loaded->texts.bytes);
  *loaded = (struct loaded_trace){0};
}
