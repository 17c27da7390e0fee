#include "state/loan.h"

struct pool_header loan_header(const pym_heap *heap,
                               const struct pool_header *pool)
{
  struct pool_header seen = *pool;
  const struct loan *loan = loan_of(heap, pool);
  if (loan == NULL)
    return seen;
  size_t virgin = loan->capacity - loan->carved;
  seen.ref.count = loan_used(loan);
  seen.nextoffset -= (uint32_t)(virgin * loan->bin * PYM_BIN_STEP);
  return seen;
}

pym_pool_state loan_pool_state(const pym_heap *heap,
                               const struct pool_header *pool)
{
  const struct loan *loan = loan_of(heap, pool);
  if (loan == NULL)
    return pool_state(pool);
  return loan_has_block(loan) ? PYM_POOL_USED : PYM_POOL_FULL;
}
