#include "trace/loaded_packed.h"

#include <stdio.h>

#include "trace/loaded_parts.h"

#define SHORT_BYTES 3u
#define LARGE \
  (UINT32_C(1) << 7 * SHORT_BYTES) /* above all numbers of 3 bytes */

/* The state of reading a packed trace. */
struct unpacking {
  struct loaded_trace *loaded;
  struct packed_reader *packed;
  size_t interpreter; /* the one whose requests are kept */
};

/*
** Reads the number at '*at', if it has up to SHORT_BYTES bytes, which can be
** read. Returns LARGE if it has more.
*/
static ALWAYS_INLINE uint32_t get_short(const uint8_t **at)
{
  uint32_t number = *(*at)++, high;
  if (likely(number < 128))
    return number;
  high = *(*at)++;
  if (high < 128)
    return (number & 127) | high << 7;
  number = (number & 127) | (high & 127) << 7;
  high = *(*at)++;
  return high < 128 ? number | high << 14 : LARGE;
}

/*
** Reads up to 'most' plain requests: mallocs with the predicted id, and frees,
** all with short numbers. The columns must have SHORT_BYTES bytes for each of
** the 'most' requests. Returns the number of requests read; it stops at the
** first that is not plain. 'window' has the letters of one byte that are still
** to be read, two bits each, and a bit above them: 1 means that none is left.
*/
static ALWAYS_INLINE size_t unpack_plain(struct packed_reader *packed,
                                         size_t most, struct request *to,
                                         bool by_slot)
{
  struct packed_block *block = &packed->block;
  struct slots *slots = packed_reader_slots(packed);
  struct slot *const items = slots->items;
  uint64_t newest = slots->newest;
  uint32_t *const spare = slots->spare, *top = spare + slots->spare_count;
  uint32_t last = slots->last, capacity = slots->capacity;
  const uint8_t *sizes = block->columns[PACKED_SIZES].at;
  const uint8_t *moves = block->columns[PACKED_MOVES].at;
  const uint8_t *letters = block->columns[PACKED_LETTERS].at + packed->next / 4;
  const struct request *const first = to, *const end = to + most;
  const uint32_t *const old_top = top;
  const uint32_t old_count = *spare;
  unsigned window = (0x100u | *letters++) >> 2 * (packed->next % 4);
  for (; to < end; to++) {
    if (window == 1)
      window = 0x100 | *letters++;
    unsigned letter = window & 3;
    window >>= 2;
    if (letter == PACKED_FREE) {
      const uint8_t *at = moves;
      uint32_t move = get_short(&at) - 1;
      uint32_t slot = last + (move >> 1 ^ (0u - (move & 1)));
      if (unlikely(move >= LARGE - 1 || slot >= capacity ||
                   !items[slot].is_live))
        break;
      items[slot].is_live = false;
      *++top = last = slot;
      moves = at;
      *to = (struct request){items[slot].id, 0, slot, TRACE_FREE};
    } else {
      const uint8_t *at = sizes;
      uint32_t bytes = get_short(&at);
      uint32_t slot = *top;
      if (unlikely(letter != PACKED_MALLOC || bytes == LARGE ||
                   (top == spare && slot == capacity)))
        break;
      if (unlikely(top == spare))
        ++*top;
      else
        top--;
      last = slot;
      newest = by_slot ? items[slot].id : newest + 1;
      if (!by_slot)
        items[slot].id = newest;
      items[slot].is_live = true;
      sizes = at;
      *to = (struct request){newest, bytes, slot, TRACE_MALLOC};
    }
  }
  size_t count = (size_t)(to - first);
  uint64_t new_ids =
      (count + (*spare - old_count) - (size_t)(top - old_top)) / 2;
  block->columns[PACKED_SIZES].at = sizes;
  block->columns[PACKED_MOVES].at = moves;
  slots->newest = newest;
  slots->last = last;
  slots->spare_count = (uint32_t)(top - spare);
  packed->next += (uint32_t)count;
  packed->until_surprise -=
      packed->until_surprise == PACKED_NEVER ? 0 : new_ids;
  packed->until_other -= packed->until_other == PACKED_NEVER ? 0 : count;
  return count;
}

/* The two ways to predict ids, each with a loop of its own. */
static NOINLINE size_t unpack_by_slot(struct packed_reader *packed, size_t most,
                                      struct request *to)
{
  return unpack_plain(packed, most, to, true);
}

static NOINLINE size_t unpack_by_order(struct packed_reader *packed,
                                       size_t most, struct request *to)
{
  return unpack_plain(packed, most, to, false);
}

static size_t bytes_left(const struct packed_reader *packed,
                         enum packed_column column)
{
  const struct packed_bytes *bytes = &packed->block.columns[column];
  return (size_t)(bytes->end - bytes->at);
}

static uint64_t least(uint64_t one, uint64_t other)
{
  return one < other ? one : other;
}

/* The number of requests that can be read without checking column ends. */
static size_t safe_count(struct packed_reader *packed)
{
  uint64_t count = packed->block.requests - packed->next;
  count = least(count, bytes_left(packed, PACKED_SIZES) / SHORT_BYTES);
  count = least(count, bytes_left(packed, PACKED_MOVES) / SHORT_BYTES);
  count = least(count, packed->until_surprise);
  count = least(count, packed->until_other);
  return (size_t)least(count, UINT64_MAX - packed_reader_slots(packed)->newest);
}

/* Reads plain requests of the interpreter that is kept. */
static void unpack_run(struct unpacking *unpacking)
{
  struct packed_reader *packed = unpacking->packed;
  struct loaded_trace *loaded = unpacking->loaded;
  size_t most = safe_count(packed);
  if (packed->interpreter != unpacking->interpreter || packed->has_sites ||
      loaded->sites != NULL || most == 0 ||
      packed_reader_slots(packed)->capacity == 0)
    return;
  struct request *to = loaded->items + loaded->count;
  assert(most <= loaded->capacity - loaded->count);
  loaded->count += packed->block.by_slot ? unpack_by_slot(packed, most, to)
                                         : unpack_by_order(packed, most, to);
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
                         slot == SLOTS_MAX ? LOADED_TRACE_NO_HANDLE : slot);
  unpacking->loaded->left_out += is_other && trace_is_request(op.letter);
  return *has_memory;
}

static bool unpack_block(struct unpacking *unpacking, bool *has_memory)
{
  *has_memory = loaded_trace_reserve(unpacking->loaded,
                                     unpacking->packed->block.requests);
  while (*has_memory && packed_reader_has_more(unpacking->packed)) {
    unpack_run(unpacking);
    if (packed_reader_has_more(unpacking->packed) &&
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
