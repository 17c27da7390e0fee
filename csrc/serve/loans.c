#include "serve/loans.h"

#include "serve/alloc.h"
#include "serve/lending.h"

/*
** {==================================================================
** The ring of the waiting loans of a bin
** ===================================================================
*/

void loans_clear(pym_heap *heap)
{
  for (size_t bin = 0; bin < PYM_BIN_COUNT; bin++) {
    struct loan_source *source = &heap->sources[bin];
    source->current = &source->ring; /* it has no block */
    source->reciprocal =
        bin == 0 ? 0 : ((uint64_t)1 << 32) / (bin * PYM_BIN_STEP) + 1;
    source->ring.next = source->ring.prev = &source->ring;
  }
}

/* Links a loan at the end: the loan that has waited longest is first. */
static void link_last(struct loan_source *source, struct loan *loan)
{
  loan->next = &source->ring;
  loan->prev = source->ring.prev;
  loan->prev->next = loan;
  source->ring.prev = loan;
}

static void unlink_loan(struct loan *loan)
{
  assert(loan->prev->next == loan && loan->next->prev == loan);
  loan->prev->next = loan->next;
  loan->next->prev = loan->prev;
}

/* Makes the loan that has waited longest current. false: none waits. */
static bool next_waiting(struct loan_source *source)
{
  struct loan *first = source->ring.next;
  assert(!loan_has_block(source->current));
  if (first == &source->ring)
    return false;
  unlink_loan(first);
  source->current = first;
  return true;
}

/* }================================================================== */

/*
** {==================================================================
** Blocks
** ===================================================================
*/

/*
** Stores 'count' blocks that lie side by side, that of the lowest address last.
** Four in each step: a pool without a used block is stored whole.
*/
static ALWAYS_INLINE void **store_down(void **blocks, char *lowest,
                                       size_t count, size_t block_bytes)
{
  char *next = lowest + count * block_bytes;
  for (; count >= 4; count -= 4, blocks += 4) {
    blocks[0] = next -= block_bytes;
    blocks[1] = next -= block_bytes;
    blocks[2] = next -= block_bytes;
    blocks[3] = next -= block_bytes;
  }
  for (; count > 0; count--)
    *blocks++ = next -= block_bytes;
  return blocks;
}

/* Clears 'count' bits of a word: the lowest of those that are set. */
static uint64_t without_lowest(uint64_t word, size_t count)
{
  for (; count > 0; count--)
    word &= word - 1;
  return word;
}

/*
** Takes up to 'most' blocks of a word of bits, those of the highest bits, and
** stores that of the lowest address last.
*/
static ALWAYS_INLINE uint64_t take_word(uint64_t word, char *first,
                                        void ***blocks, size_t most,
                                        size_t block_bytes)
{
  uint64_t lowest = word & (0 - word);
  if ((word & (word + lowest)) == 0) { /* its bits are side by side? */
    unsigned low = (unsigned)__builtin_ctzll(word);
    size_t count = 64u - (unsigned)__builtin_clzll(word) - low;
    size_t left = count > most ? count - most : 0;
    *blocks = store_down(*blocks, first + (low + left) * block_bytes,
                         count - left, block_bytes);
    return left > 0 ? (lowest << left) - lowest : 0;
  }
  size_t count = (size_t)__builtin_popcountll(word);
  size_t left = count > most ? count - most : 0;
  uint64_t taken = without_lowest(word, left);
  void **begin = *blocks, **at = begin + (count - left);
  *blocks = at;
  for (uint64_t rest = taken; at > begin; rest &= rest - 1)
    *--at = first + (size_t)__builtin_ctzll(rest) * block_bytes;
  return word ^ taken;
}

/* Takes free blocks of a loan, those of the highest addresses. */
static size_t take_free(struct loan *loan, char *first, void **blocks,
                        size_t most)
{
  size_t block_bytes = (size_t)loan->bin * PYM_BIN_STEP;
  size_t count = most < loan->free_count ? most : loan->free_count;
  size_t index = ((size_t)loan->carved + 63) / 64;
  uint64_t *bits = loan_bits(loan);
  void **end = blocks + count;
  loan->free_count -= (uint16_t)count;
  while (blocks < end) {
    uint64_t word = bits[--index];
    if (word != 0)
      bits[index] = take_word(word, first + index * 64 * block_bytes, &blocks,
                              (size_t)(end - blocks), block_bytes);
  }
  return count;
}

/* Takes virgin blocks of a loan, and stores the lowest address last. */
static size_t take_virgin(struct loan *loan, char *first, void **blocks,
                          size_t most)
{
  size_t block_bytes = (size_t)loan->bin * PYM_BIN_STEP;
  size_t left = (size_t)loan->capacity - loan->carved;
  size_t count = most < left ? most : left;
  (void)store_down(blocks, first + loan->carved * block_bytes, count,
                   block_bytes);
  loan->carved += (uint16_t)count;
  return count;
}

size_t loans_take(pym_heap *heap, size_t bin, void **blocks, size_t most)
{
  struct loan_source *source = &heap->sources[bin];
  size_t count = 0;
  while (count < most &&
         (loan_has_block(source->current) || next_waiting(source))) {
    struct loan *loan = source->current;
    char *first =
        (char *)loan_pool(heap, loan) + geometry_header_bytes(&heap->geometry);
    count += take_free(loan, first, blocks + count, most - count);
    count += take_virgin(loan, first, blocks + count, most - count);
  }
  return count;
}

/*
** Moves a loan to where it belongs, after 'given' blocks were given back: all of
** them, or the first ones.
*/
static NOINLINE void move(pym_heap *heap, struct loan *loan, size_t given)
{
  struct loan_source *source = &heap->sources[loan->bin];
  if (source->current == loan)
    return;
  if (loan_used(loan) > 0) {
    link_last(source, loan);
    return;
  }
  if (loan->free_count > given) /* it was waiting? */
    unlink_loan(loan);
  lending_return(heap, loan);
}

/* The bytes from a block to the one after it in an array. */
static uintptr_t step_after(void *const *one)
{
  return (uintptr_t)one[1] - (uintptr_t)one[0];
}

static void set_bits(uint64_t *bits, size_t first, size_t count)
{
  size_t last = first + count - 1;
  for (size_t word = first / 64; word <= last / 64; word++) {
    uint64_t set = ~(uint64_t)0;
    if (word == first / 64)
      set &= ~(uint64_t)0 << first % 64;
    if (word == last / 64)
      set &= ~(uint64_t)0 >> (63 - last % 64);
    assert((bits[word] & set) == 0);
    bits[word] |= set;
  }
}

/*
** The number of first blocks, two or more, each of which lies as far from the
** one before it as the second from the first.
*/
static ALWAYS_INLINE size_t run_length(void *const *blocks, size_t most)
{
  uintptr_t step = step_after(blocks);
  size_t count = 2;
  for (; count + 4 <= most; count += 4) { /* do all four lie so? */
    uintptr_t next = (uintptr_t)blocks[count - 1] + step;
    uintptr_t other = (uintptr_t)blocks[count] ^ next;
    other |= (uintptr_t)blocks[count + 1] ^ (next + step);
    other |= (uintptr_t)blocks[count + 2] ^ (next + 2 * step);
    other |= (uintptr_t)blocks[count + 3] ^ (next + 3 * step);
    if (other != 0)
      break;
  }
  while (count < most && step_after(blocks + count - 1) == step)
    count++;
  return count;
}

/*
** Sets the bits of two first blocks that lie side by side, and of all that go
** on in this direction. A step out of the pool is larger than a block.
*/
static NOINLINE size_t set_run(const pym_heap *heap, struct loan *loan,
                               void *const *blocks, size_t most)
{
  uintptr_t step = step_after(blocks);
  size_t count = run_length(blocks, most);
  const void *lowest = step < UINTPTR_MAX / 2 ? blocks[0] : blocks[count - 1];
  size_t offset = ((uintptr_t)lowest & ~heap->pool_mask) -
                  geometry_header_bytes(&heap->geometry);
  size_t index = (size_t)(offset * heap->sources[loan->bin].reciprocal >> 32);
  assert(index + count <= loan->capacity);
  set_bits(loan_bits(loan), index, count);
  return count;
}

/* Do the first two blocks lie side by side? */
static ALWAYS_INLINE bool begins_run(void *const *blocks, void *const *end,
                                     size_t block_bytes)
{
  if (blocks + 1 >= end)
    return false;
  uintptr_t step = step_after(blocks);
  return step == block_bytes || step + block_bytes == 0;
}

/* Notes that 'given' blocks of a loan were given back. */
static ALWAYS_INLINE void count_given(pym_heap *heap, struct loan *loan,
                                      size_t given)
{
  uint16_t count = (uint16_t)(loan->free_count + given);
  loan->free_count = count;
  if (unlikely(count == (uint16_t)given || count == loan->carved))
    move(heap, loan, given);
}

/*
** Does a run begin here? It is looked for at each eighth place of the array.
** Where it was looked for at each change of the pool, the workload 'startup' took
** half an instruction more for each request, and 'storm' gained nothing.
*/
static ALWAYS_INLINE bool is_run_here(void *const *blocks, void *const *end,
                                      size_t block_bytes)
{
  return (uintptr_t)blocks % 64 == 0 && begins_run(blocks, end, block_bytes);
}

/*
** Puts blocks back one by one, up to the first one that is not of a loan of the
** bin, or that begins a run. Returns its place. What is the same for all loans
** of a bin is read once.
*/
static void *const *give_each(pym_heap *heap, uint16_t bin, void *const *blocks,
                              void *const *end)
{
  const unsigned shift = heap->front.pool_shift;
  const uintptr_t base = heap->base, pool_mask = heap->pool_mask;
  const uint64_t reciprocal = heap->sources[bin].reciprocal;
  const size_t header = geometry_header_bytes(&heap->geometry);
  const size_t blocks_bytes = heap->geometry.pool_bytes - header;
  const size_t loan_count = heap->loan_count;
  struct loan *const loans = heap->loans;
  do {
    uintptr_t at = (uintptr_t)*blocks;
    size_t pool = (at - base) >> shift;
    struct loan *loan = &loans[pool];
    if (pool >= loan_count || loan->bin != bin)
      break;
    uint64_t *bits = loan_bits(loan);
    uintptr_t first = (at & pool_mask) + header, offset = at - first;
    void *const *begin = blocks;
    do {
      size_t index = (size_t)(offset * reciprocal >> 32);
      assert(index < loan->capacity && !loan_is_free(loan, index));
      bits[index / 64] |= (uint64_t)1 << index % 64;
      if (++blocks == end)
        break;
      offset = (uintptr_t)*blocks - first;
    } while (offset < blocks_bytes); /* in the same pool? */
    count_given(heap, loan, (size_t)(blocks - begin));
  } while (blocks < end &&
           !is_run_here(blocks, end, (size_t)bin * PYM_BIN_STEP));
  return blocks;
}

/*
** A program often frees blocks in the order of their addresses or against it:
** the bits of such a run are set together.
*/
void loans_give(pym_heap *heap, void *const *blocks, size_t count)
{
  void *const *end = blocks + count;
  while (blocks < end) {
    struct loan *loan = loan_of(heap, *blocks);
    if (unlikely(loan == NULL)) {
      heap_free(heap, *blocks++);
    } else if (begins_run(blocks, end, (size_t)loan->bin * PYM_BIN_STEP)) {
      size_t given = set_run(heap, loan, blocks, (size_t)(end - blocks));
      count_given(heap, loan, given);
      blocks += given;
    } else {
      blocks = give_each(heap, loan->bin, blocks, end);
    }
  }
}

/* }================================================================== */

void loans_return_free(pym_heap *heap)
{
  for (size_t bin = 1; bin < PYM_BIN_COUNT; bin++) {
    struct loan *loan = heap->sources[bin].current;
    if (loan->bin != 0 && loan_used(loan) == 0)
      lending_return(heap, loan);
  }
}

/* Gives back the pools of an arena that are lent. */
static void return_pools(pym_heap *heap, const struct arena_object *arena)
{
  uintptr_t at = arena_first_pool(arena, &heap->geometry);
  uintptr_t end = (uintptr_t)arena->pool_address;
  for (; at < end; at += heap->geometry.pool_bytes) {
    struct loan *loan = loan_of(heap, (const void *)at);
    if (loan != NULL)
      lending_return(heap, loan);
  }
}

void loans_return_all(pym_heap *heap)
{
  for (size_t slot = 0; slot < heap->maxarenas; slot++)
    if (heap_arena(heap, slot) != NULL)
      return_pools(heap, heap_arena(heap, slot));
  loans_clear(heap);
}
