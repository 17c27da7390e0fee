#include "trace/space.h"

#include <stdlib.h>

#include "trace/measure_pass.h"

/* When the arena in a slot was obtained. */
struct tenure {
  size_t serial; /* of the arena; 0: the slot has none */
  uint64_t from;
};

/* The state of the second pass. */
struct spacing {
  struct measure_pass pass;
  struct space *space;
  size_t spans_most;
  uint64_t *since; /* by handle: the requests done before its span began */
  struct tenure *tenures; /* by slot */
  size_t tenure_count;
  size_t obtained, held; /* counters of the heap when arenas were looked at */
};

/*
** {==================================================================
** The grid
** ===================================================================
*/

static uint64_t least(uint64_t a, uint64_t b)
{
  return a < b ? a : b;
}

/* Adds a span of 'bytes' of one row. */
static void add_row(const struct space *space, uint64_t *cells, uint64_t bytes,
                    uint64_t from, uint64_t to)
{
  uint64_t width = space->column_requests;
  for (uint64_t column = from / width; from < to; column++) {
    uint64_t end = least(to, (column + 1) * width);
    assert(column < space->columns);
    cells[column] += bytes * (end - from);
    from = end;
  }
}

/* A span beyond the extent is left out: it is one of an arena that the first
** pass did not get, because the system then had less memory. */
static void add_span(const struct space *space, uint64_t *cells,
                     const struct span *span)
{
  uint64_t height = space->row_bytes;
  uint64_t address = span->address, end = span->address + span->bytes;
  assert(span->from <= span->to);
  /* GCOVR_EXCL_BR_START: in the tests, both passes get the same arenas */
  while (address < end && end <= space->extent) {
    /* GCOVR_EXCL_BR_STOP */
    uint64_t row = address / height;
    uint64_t next = least(end, (row + 1) * height);
    assert(row < space->rows);
    add_row(space, cells + row * space->columns, next - address, span->from,
            span->to);
    address = next;
  }
}

/* Divides a length in at most 'parts' equal parts, of a multiple of 'unit'. */
static uint64_t part_of(uint64_t length, size_t parts, uint64_t unit)
{
  uint64_t part = (length + parts - 1) / parts;
  return part < unit ? unit : (part + unit - 1) / unit * unit;
}

static size_t count_of(uint64_t length, uint64_t part)
{
  return (size_t)((length + part - 1) / part);
}

static bool make_grids(struct space *space, uint64_t requests, size_t columns,
                       size_t rows, size_t spans_most)
{
  space->column_requests = part_of(requests, columns, 1);
  space->columns = count_of(requests, space->column_requests);
  space->row_bytes = part_of(space->extent, rows, 16);
  space->rows = count_of(space->extent, space->row_bytes);
  size_t cells = space->rows * space->columns + 1; /* a size of 0 is NULL */
  space->live = calloc(cells, sizeof space->live[0]);
  space->held = calloc(cells, sizeof space->held[0]);
  space->all = calloc(spans_most + 1, sizeof space->all[0]);
  return space->live != NULL && space->held != NULL && space->all != NULL;
}

/* }================================================================== */

/*
** {==================================================================
** Blocks
** ===================================================================
*/

static void end_block(struct spacing *spacing, uint32_t handle,
                      const struct measured_block *ended)
{
  const struct measure_pass *pass = &spacing->pass;
  struct space *space = spacing->space;
  struct span span = {(uintptr_t)ended->block - pass->heap->base, ended->bytes,
                      spacing->since[handle], pass->at - 1};
  if (ended->block == NULL || !measure_is_small(pass, ended->block))
    return;
  add_span(space, space->live, &span);
  space->spans++;
  if (space->all_count < spacing->spans_most)
    space->all[space->all_count++] = span;
}

/* Runs a request. A block that moves or changes its size ends a span. */
static void run_request(struct spacing *spacing)
{
  struct measure_pass *pass = &spacing->pass;
  uint32_t handle = pass->loaded->items[pass->at].handle;
  if (handle == LOADED_TRACE_NO_HANDLE) {
    (void)measure_request(pass, false);
    return;
  }
  struct measured_block before = pass->live[handle];
  (void)measure_request(pass, false);
  const struct measured_block *now = &pass->live[handle];
  if (now->block == before.block && now->bytes == before.bytes)
    return; /* refused */
  end_block(spacing, handle, &before);
  spacing->since[handle] = pass->at - 1;
}

/* }================================================================== */

/*
** {==================================================================
** Arenas
** ===================================================================
*/

static bool grow_tenures(struct spacing *spacing, size_t count)
{
  if (count <= spacing->tenure_count)
    return true;
  struct tenure *grown =
      realloc(spacing->tenures, count * sizeof spacing->tenures[0]);
  if (grown == NULL)
    return false;
  for (size_t i = spacing->tenure_count; i < count; i++)
    grown[i] = (struct tenure){0};
  spacing->tenures = grown;
  spacing->tenure_count = count;
  return true;
}

static void end_arena(struct spacing *spacing, size_t slot, uint64_t to)
{
  const struct tenure *tenure = &spacing->tenures[slot];
  const pym_heap *heap = spacing->pass.heap;
  struct span span = {(uint64_t)slot << heap->arena_shift,
                      heap->geometry.arena_bytes, tenure->from, to};
  if (tenure->serial != 0)
    add_span(spacing->space, spacing->space->held, &span);
}

/* Finds the arenas that were obtained or released since the last call. 'from':
** the number of requests before the one that changed them. */
static bool look_at_arenas(struct spacing *spacing, uint64_t from)
{
  const pym_heap *heap = spacing->pass.heap;
  if (heap->ntimes_arena_allocated == spacing->obtained &&
      heap->narenas_currently_allocated == spacing->held)
    return true;
  if (!grow_tenures(spacing, heap->maxarenas))
    return false;
  for (size_t slot = 0; slot < heap->maxarenas; slot++) {
    const struct arena_object *arena = &heap->arenas[slot];
    size_t serial = arena_is_open(arena) ? arena->serial : 0;
    if (serial == spacing->tenures[slot].serial)
      continue;
    end_arena(spacing, slot, from);
    spacing->tenures[slot] = (struct tenure){serial, from};
  }
  spacing->obtained = heap->ntimes_arena_allocated;
  spacing->held = heap->narenas_currently_allocated;
  return true;
}

/* }================================================================== */

/*
** {==================================================================
** Passes
** ===================================================================
*/

/* The end of the highest arena that ever has a block. */
static bool first_pass(const struct loaded_trace *loaded,
                       const pym_options *options, uint64_t *extent)
{
  struct measure_pass pass;
  bool is_open = measure_pass_open(&pass, loaded, options);
  size_t slots = 0;
  while (is_open && pass.at < loaded->count) {
    const void *served = measure_request(&pass, false);
    if (served == NULL || !measure_is_small(&pass, served))
      continue;
    size_t slot = heap_slot_of(pass.heap, served);
    if (slot >= slots)
      slots = slot + 1;
  }
  if (is_open)
    *extent = (uint64_t)slots << pass.heap->arena_shift;
  measure_pass_close(&pass);
  return is_open;
}

/* Ends the spans of all that is in use after the last request. */
static void end_all(struct spacing *spacing)
{
  struct measure_pass *pass = &spacing->pass;
  for (size_t slot = 0; slot < spacing->tenure_count; slot++)
    end_arena(spacing, slot, pass->at);
  pass->at++; /* end_block is called after the request that ends a span */
  for (size_t i = 0; i < pass->loaded->handle_count; i++)
    end_block(spacing, (uint32_t)i, &pass->live[i]);
  pass->at--;
}

static bool run_all(struct spacing *spacing)
{
  struct measure_pass *pass = &spacing->pass;
  while (pass->at < pass->loaded->count) {
    run_request(spacing);
    if (!look_at_arenas(spacing, pass->at - 1))
      return false;
  }
  end_all(spacing);
  return true;
}

static bool second_pass(const struct loaded_trace *loaded,
                        const pym_options *options, size_t spans_most,
                        struct space *space)
{
  struct spacing spacing = {.space = space, .spans_most = spans_most};
  spacing.since = calloc(loaded->handle_count + 1, sizeof spacing.since[0]);
  bool is_done = measure_pass_open(&spacing.pass, loaded, options) &&
                 spacing.since != NULL && run_all(&spacing);
  measure_pass_close(&spacing.pass);
  free(spacing.since);
  free(spacing.tenures);
  return is_done;
}

/* }================================================================== */

bool space_of(const struct loaded_trace *loaded, const pym_options *options,
              size_t columns, size_t rows, size_t spans_most,
              struct space *space)
{
  *space = (struct space){0};
  return first_pass(loaded, options, &space->extent) &&
         make_grids(space, loaded->count, columns, rows, spans_most) &&
         second_pass(loaded, options, spans_most, space);
}

void space_close(struct space *space)
{
  free(space->live);
  free(space->held);
  free(space->all);
  *space = (struct space){0};
}
