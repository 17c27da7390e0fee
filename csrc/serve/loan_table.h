/*
** The memory of the records of loans (state/loan.h). Record i is that of pool i
** of the region.
**
**   0         loan_count    loan_committed    loan_limit
**   +---------+-------------+-------- - - ----+-------- - - ----+
**   | records | pages that  | addresses only  | pools without   |
**   |         | are usable  |                 | a record        |
**   +---------+-------------+-------- - - ----+-------- - - ----+
**
** Addresses are reserved for the records of all pools of the region. If the
** system refuses them, for those of the first half of the pools, and so on: a
** pool without a record is not lent, and the exact heap serves its blocks one
** by one. Pages are committed for the first pools, for 256 more each time, and
** touched when a record is needed.
**
** Tested by spec/unit/loans_spec.lua and spec/robustness/short_memory_spec.lua.
*/
#ifndef LOAN_TABLE_H
#define LOAN_TABLE_H

#include "state/loan.h"

/* Reserves addresses for as many records as the system grants. */
void loan_table_open(pym_heap *heap);

/* Frees what loan_table_open reserved. */
void loan_table_close(pym_heap *heap);

/* Makes the records up to that of a pool usable; false: there is no memory. */
bool loan_table_grow(pym_heap *heap, size_t index);

/* Gives back the pages above the record of the last lent pool. */
void loan_table_trim(pym_heap *heap);

/* Has a pool a record that can be used, or could it be made usable? */
static inline bool loan_table_reaches(pym_heap *heap, size_t index)
{
  return likely(index < heap->loan_count) || loan_table_grow(heap, index);
}

#endif
