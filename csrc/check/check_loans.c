/*
** Checks the loans of the cache. The heap below has been checked before.
*/
#include "check/check.h"

/* The place of a lent pool in a message. */
#define LOAN_PLACE "the lent pool %zu of the region: "

static size_t place_of(const struct check *check, const struct loan *loan)
{
  return (size_t)(loan - check->heap->loans);
}

static bool is_current(const pym_heap *heap, const struct loan *loan)
{
  return heap->sources[loan->bin].current == loan;
}

/* [loan.header] */
static bool check_header_of(struct check *check, const struct loan *loan)
{
  const pym_heap *heap = check->heap;
  const struct pool_header *pool = loan_pool(heap, loan);
  /* GCOVR_EXCL_BR_START: what is wrong in the header itself, another check
     reports first */
  if (!walk_is_pool(heap, pool) || !walk_has_class(heap, pool) ||
      heap_class_bytes(heap, pool->szidx) != (size_t)loan->bin * PYM_BIN_STEP ||
      pool->ref.count != pym_class_capacity(&heap->geometry, pool->szidx) ||
      pool->ref.count != loan->capacity)
    return check_fail(check, LOAN_HEADER,
                      LOAN_PLACE "its header is not that of a full pool with "
                                 "%u blocks of %u bytes",
                      place_of(check, loan), loan->capacity,
                      loan->bin * PYM_BIN_STEP);
  /* GCOVR_EXCL_BR_STOP */
  return true;
}

/* [loan.bits] of one loan; counts a wide one in '*wide'. */
static bool check_bits(struct check *check, const struct loan *loan,
                       size_t *wide)
{
  if (!loan_is_wide(loan->capacity))
    return true;
  if (!loan_has_wide(check->heap, loan->wide) || loan->wide->owner != loan)
    return check_fail(check, LOAN_BITS,
                      LOAN_PLACE "its bits are at %p, which are not its own",
                      place_of(check, loan), (const void *)loan->wide);
  ++*wide;
  return true;
}

/* [loan.bits] of the free ones, when 'wide' ones have an owner. */
static bool check_free_bits(struct check *check, size_t wide)
{
  const pym_heap *heap = check->heap;
  const struct wide_bits *bits = heap->wide_bits.free;
  size_t left = heap->wide_bits.count - wide;
  for (; bits != NULL && left > 0; bits = bits->next, left--)
    if (!loan_has_wide(heap, bits) || bits->owner != NULL)
      break;
  if (bits != NULL)
    return check_fail(check, LOAN_BITS,
                      "the list of free bits leads to %p, which are not free",
                      (const void *)bits);
  if (left > 0)
    return check_fail(check, LOAN_BITS,
                      "%zu wide bits have no owner and are not on the list of "
                      "the free ones",
                      left);
  return true;
}

/* [loan.count] */
static bool check_count(struct check *check, struct loan *loan)
{
  size_t count = 0;
  for (size_t i = 0; i < loan->capacity; i++) {
    if (i >= loan->carved && loan_is_free(loan, i))
      return check_fail(check, LOAN_COUNT,
                        LOAN_PLACE "the virgin block %zu is set free",
                        place_of(check, loan), i);
    count += loan_is_free(loan, i);
  }
  if (count != loan->free_count)
    return check_fail(check, LOAN_COUNT,
                      LOAN_PLACE "free_count is %u and %zu bits are set",
                      place_of(check, loan), loan->free_count, count);
  return true;
}

/* [loan.virgin]; counts a loan that has to wait in '*waiting'. */
static bool check_state(struct check *check, const struct loan *loan,
                        size_t *waiting)
{
  if (is_current(check->heap, loan))
    return true;
  if (loan->carved != loan->capacity)
    return check_fail(check, LOAN_VIRGIN,
                      LOAN_PLACE "%u of its %u blocks are carved, and its bin "
                                 "does not take the others",
                      place_of(check, loan), loan->carved, loan->capacity);
  *waiting += loan->free_count > 0;
  return true;
}

/* Is it the address of the record of a lent pool? */
static bool is_loan(const pym_heap *heap, const struct loan *loan)
{
  size_t offset = (uintptr_t)loan - (uintptr_t)heap->loans;
  return offset < heap->loan_count * sizeof *loan &&
         offset % sizeof *loan == 0 && loan->bin != 0;
}

/* [loan.current] */
static bool check_current(struct check *check, size_t bin)
{
  const pym_heap *heap = check->heap;
  const struct loan_source *source = &heap->sources[bin];
  if (source->current != &source->ring &&
      (!is_loan(heap, source->current) || source->current->bin != bin))
    return check_fail(check, LOAN_CURRENT,
                      "the current loan of the bin of %zu bytes is %p, which "
                      "is no loan of that bin",
                      bin * PYM_BIN_STEP, (const void *)source->current);
  return true;
}

static bool fail_ring(struct check *check, size_t bin, const struct loan *loan)
{
  return check_fail(check, LOAN_WAITING,
                    "the ring of the bin of %zu bytes leads to %p, which is no "
                    "loan that waits there",
                    bin * PYM_BIN_STEP, (const void *)loan);
}

/* [loan.waiting] of one ring. Takes its members from '*waiting'. */
static bool check_ring_of(struct check *check, size_t bin, size_t *waiting)
{
  const pym_heap *heap = check->heap;
  const struct loan *ring = &heap->sources[bin].ring;
  const struct loan *previous = ring, *loan = ring->next;
  for (; loan != ring; previous = loan, loan = loan->next, (*waiting)--)
    /* GCOVR_EXCL_BR_START: no damage that was tried links a loan of another
       bin, an exhausted or a current one */
    if (*waiting == 0 || !is_loan(heap, loan) || loan->prev != previous ||
        loan->bin != bin || loan->free_count == 0 || is_current(heap, loan))
      return fail_ring(check, bin, loan);
  /* GCOVR_EXCL_BR_STOP */
  if (ring->prev != previous)
    return fail_ring(check, bin, ring->prev);
  return true;
}

/* [loan.waiting] */
static bool check_all_rings(struct check *check, size_t waiting)
{
  for (size_t bin = 1; bin < PYM_BIN_COUNT; bin++)
    if (!check_current(check, bin) || !check_ring_of(check, bin, &waiting))
      return false;
  if (waiting > 0)
    return check_fail(check, LOAN_WAITING,
                      "%zu loans with a free block are in no ring", waiting);
  return true;
}

bool check_loans(struct check *check)
{
  const pym_heap *heap = check->heap;
  size_t waiting = 0, wide = 0;
  for (size_t i = 0; i < heap->loan_count; i++) {
    struct loan *loan = &heap->loans[i];
    if (loan->bin != 0 &&
        (!check_header_of(check, loan) || !check_bits(check, loan, &wide) ||
         !check_count(check, loan) || !check_state(check, loan, &waiting)))
      return false;
  }
  return check_free_bits(check, wide) && check_all_rings(check, waiting);
}
