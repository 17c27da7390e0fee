#include "trace/loaded_packed.h"

#include <stdio.h>

#include "trace/loaded_parts.h"
#include "trace/packed_run.h"

/* The state of reading a packed trace. */
struct unpacking {
  struct loaded_trace *loaded;
  struct packed_reader *packed;
  size_t interpreter; /* the one whose requests are kept */
};

/*
** Reads plain requests of the interpreter that is kept. false: there is no
** memory.
*/
static bool unpack_run(struct unpacking *unpacking)
{
  struct packed_reader *packed = unpacking->packed;
  struct loaded_trace *loaded = unpacking->loaded;
  if (packed->interpreter != unpacking->interpreter || packed->has_sites ||
      loaded->sites != NULL || packed_reader_slots(packed)->capacity == 0)
    return true;
  bool has_own_ids = loaded->ids == NULL && packed->block.by_slot;
  /* a request with another id than its slot plus 1 would have made 'ids' */
  assert(!has_own_ids || packed_run_has_own_ids(packed));
  if (!has_own_ids && !loaded_trace_keep_ids(loaded))
    return false;
  loaded->count +=
      packed_run_read(packed, loaded->items + loaded->count,
                      has_own_ids ? NULL : loaded->ids + loaded->count);
  assert(loaded->count <= loaded->capacity);
  return true;
}

/* Reads the operation that is not plain. false: damaged, or no memory. */
static bool unpack_one(struct unpacking *unpacking, bool *has_memory)
{
  struct trace_op op;
  uint32_t slot;
  bool is_other = unpacking->packed->interpreter != unpacking->interpreter;
  if (!packed_reader_next(unpacking->packed, &op, &slot))
    return false;
  if (!trace_is_request(op.letter))
    *has_memory = loaded_trace_add_other(unpacking->loaded, &op, is_other);
  else if (!is_other)
    *has_memory =
        loaded_trace_add(unpacking->loaded, &op,
                         slot == SLOTS_NONE ? LOADED_TRACE_NO_HANDLE : slot);
  unpacking->loaded->left_out += is_other && trace_is_request(op.letter);
  return *has_memory;
}

static bool unpack_block(struct unpacking *unpacking, bool *has_memory)
{
  *has_memory = loaded_trace_reserve(unpacking->loaded,
                                     unpacking->packed->block.requests);
  while (*has_memory && packed_reader_has_more(unpacking->packed)) {
    *has_memory = unpack_run(unpacking);
    if (*has_memory && packed_reader_has_more(unpacking->packed) &&
        !unpack_one(unpacking, has_memory))
      return false;
  }
  return *has_memory;
}

bool loaded_trace_unpack(struct loaded_trace *loaded, struct trace *trace,
                         struct packed_reader *packed, size_t interpreter,
                         size_t most, char *why, size_t why_bytes)
{
  struct unpacking unpacking = {loaded, packed, interpreter};
  enum packed_block_status status = PACKED_END;
  bool has_memory = true;
  while (loaded->count < most &&
         (status = packed_reader_next_block(packed)) == PACKED_BLOCK)
    if (!unpack_block(&unpacking, &has_memory)) {
      status = PACKED_FAILED;
      break;
    }
  loaded->repeats_ids = packed->repeats_ids;
  if (interpreter < packed->count)
    loaded->handle_count = slots_count(&packed->all[interpreter]);
  if (loaded->count > most)
    loaded_trace_cut(loaded, most);
  if (trace_end_packed(trace, status == PACKED_FAILED) == TRACE_END)
    return true;
  if (has_memory)
    (void)snprintf(why, why_bytes, "%s", trace_error(trace));
  else
    (void)snprintf(why, why_bytes, "not enough memory for request %zu",
                   loaded->count + 1);
  return false;
}
