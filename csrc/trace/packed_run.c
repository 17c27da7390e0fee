#include "trace/packed_run.h"

#include "base/leb.h"

/* The state of reading. */
struct run {
  const uint8_t *letters, *end; /* of requests that may be plain */
  const uint32_t *sizes, *moves;
  uint32_t *top; /* of the spare slots */
  uint32_t last;
  uint64_t newest;
  struct request *to;
  uint64_t *ids; /* or NULL */
};

/* What differs between the loops. */
struct loop {
  bool by_slot; /* as in struct packed_block */
  bool has_ids; /* 'ids' gets the ids */
  bool has_far; /* a size may be PACKED_FAR_SIZE */
};

/*
** Reads mallocs and frees. Recorded programs repeat their sequences of mallocs
** and frees, so that a processor predicts most of the branches on the letter.
*/
static ALWAYS_INLINE void read_simple(const struct slots *slots,
                                      struct run *state, struct loop loop)
{
  struct run run = *state;
  uint8_t *const states = slots->states;
  const uint32_t capacity = slots->capacity;
  for (; run.letters < run.end; run.letters++, run.to++) {
    uint32_t slot, bytes = 0;
    uint8_t letter = *run.letters;
    if (letter == PACKED_FREE) {
      slot = run.last + *run.moves;
      if (unlikely(slot >= capacity || states[slot] != SLOT_LIVE))
        break;
      run.moves++;
      *++run.top = slot;
      states[slot] = SLOT_SPARE;
      run.to->letter = TRACE_FREE;
    } else {
      slot = *run.top;
      bytes = *run.sizes;
      if (unlikely(letter != PACKED_MALLOC || slot >= capacity) ||
          (loop.has_far && unlikely(bytes == PACKED_FAR_SIZE)))
        break;
      run.sizes++;
      run.top--;
      states[slot] = SLOT_LIVE;
      if (loop.has_ids) {
        run.newest = loop.by_slot ? slots->ids[slot] : run.newest + 1;
        slots->ids[slot] = run.newest;
      }
      run.to->letter = TRACE_MALLOC;
    }
    run.last = slot;
    run.to->bytes = bytes;
    run.to->handle = slot;
    if (loop.has_ids)
      *run.ids++ = slots->ids[slot];
  }
  *state = run;
}

/* The loops where each id is its slot plus 1, and the loop for any ids. */
static NOINLINE void read_near(const struct slots *slots, struct run *run)
{
  read_simple(slots, run, (struct loop){.has_far = false});
}

static NOINLINE void read_own(const struct slots *slots, struct run *run)
{
  read_simple(slots, run, (struct loop){.has_far = true});
}

static NOINLINE void read_any(const struct slots *slots, struct run *run,
                              bool by_slot)
{
  read_simple(slots, run, (struct loop){by_slot, true, true});
}

static void add(struct run *run, const struct slots *slots, uint32_t slot,
                uint64_t bytes, enum trace_letter letter)
{
  *run->to++ = (struct request){bytes, slot, letter};
  if (run->ids != NULL)
    *run->ids++ = slots->ids[slot];
  run->last = slot;
  run->letters++;
  run->sizes++;
}

/* Reads a calloc, if it is plain. */
static bool read_calloc(struct packed_block *block, const struct slots *slots,
                        struct run *run)
{
  struct packed_bytes *counts = &block->columns[PACKED_COUNTS];
  const uint8_t *at = counts->at;
  uint32_t slot = *run->top;
  uint64_t count, bytes;
  if (slot >= slots->capacity || !leb_get(&at, counts->end, &count) ||
      __builtin_mul_overflow(count, *run->sizes, &bytes))
    return false;
  counts->at = at;
  slots->states[slot] = SLOT_LIVE;
  run->top--;
  if (run->ids != NULL) {
    run->newest = block->by_slot ? slots->ids[slot] : run->newest + 1;
    slots->ids[slot] = run->newest;
  }
  add(run, slots, slot, bytes, TRACE_CALLOC);
  return true;
}

/* Reads a realloc, if it is plain. */
static bool read_realloc(const struct slots *slots, struct run *run)
{
  uint32_t slot = run->last + *run->moves;
  if (!slots_has(slots, slot))
    return false;
  run->moves++;
  add(run, slots, slot, *run->sizes, TRACE_REALLOC);
  return true;
}

/* Reads a calloc or realloc, if it is plain. */
static bool read_other(struct packed_block *block, const struct slots *slots,
                       struct run *run)
{
  if (run->letters == run->end || *run->sizes == PACKED_FAR_SIZE)
    return false;
  if (*run->letters == PACKED_CALLOC)
    return read_calloc(block, slots, run);
  return *run->letters == PACKED_REALLOC && read_realloc(slots, run);
}

static uint64_t least(uint64_t one, uint64_t other)
{
  return one < other ? one : other;
}

/* The number of requests before one that is not plain for another reason. */
static size_t safe_count(struct packed_reader *packed)
{
  uint64_t count = packed->block.requests - packed->next;
  count = least(count, packed->until_surprise);
  count = least(count, packed->until_other);
  return (size_t)least(count, UINT64_MAX - packed_reader_slots(packed)->newest);
}

/* The newest id, where each is its slot plus 1; 'before': of earlier requests. */
static uint64_t newest_of(const struct request *first,
                          const struct request *end, uint64_t before)
{
  while (end > first &&
         (end[-1].letter == TRACE_FREE || end[-1].letter == TRACE_REALLOC))
    end--;
  return end > first ? (uint64_t)end[-1].handle + 1 : before;
}

/* Takes what was read off the block. */
static size_t take(struct packed_reader *packed, const struct run *run)
{
  const struct packed_operands *operands = &packed->block.operands;
  struct slots *slots = packed_reader_slots(packed);
  uint32_t count = (uint32_t)(run->letters - operands->letters) - packed->next;
  uint32_t moves = (uint32_t)(run->moves - operands->moves) - packed->next_move;
  packed->next += count;
  packed->next_move += moves;
  packed->next_size = (uint32_t)(run->sizes - operands->sizes);
  slots->newest = run->newest;
  slots->last = run->last;
  slots->spare_count = (uint32_t)(run->top - slots->spare);
  slots_count_untouched(slots);
  slots->has_others |= !packed->block.by_slot;
  if (packed->until_surprise != PACKED_NEVER)
    packed->until_surprise -= count - moves; /* mallocs and callocs */
  if (packed->until_other != PACKED_NEVER)
    packed->until_other -= count;
  return count;
}

size_t packed_run_read(struct packed_reader *packed, struct request *requests,
                       uint64_t *ids) /* NOLINT: written through run.ids */
{
  struct packed_block *block = &packed->block;
  const struct slots *slots = packed_reader_slots(packed);
  const uint8_t *letters = block->operands.letters + packed->next;
  struct run run = {.letters = letters,
                    .end = letters + safe_count(packed),
                    .sizes = block->operands.sizes + packed->next_size,
                    .moves = block->operands.moves + packed->next_move,
                    .top = slots->spare + slots->spare_count,
                    .last = slots->last,
                    .newest = slots->newest,
                    .to = requests,
                    .ids = ids};
  assert(slots->capacity > 0);
  assert(ids != NULL || packed_run_has_own_ids(packed));
  do
    if (ids != NULL)
      read_any(slots, &run, block->by_slot);
    else if (block->operands.has_far)
      read_own(slots, &run);
    else
      read_near(slots, &run);
  while (read_other(block, slots, &run));
  if (ids == NULL)
    run.newest = newest_of(requests, run.to, slots->newest);
  return take(packed, &run);
}
