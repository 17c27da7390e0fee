/*
** A bin of the cache: a stack of blocks.
**
** prove: pym_bin_take pym_bin_give
*/
#include "pymalloc_inline.h"

/*@ requires \valid(bin) && \valid(bin->top - 1) &&
             \separated(bin, bin->top - 1);
    assigns bin->top;
    ensures takes_the_block_given_last: \result == \old(bin->top[-1]);
    ensures an_empty_bin_stays: \result == \null ==>
      bin->top == \old(bin->top);
    ensures one_block_less: \result != \null ==>
      bin->top == \old(bin->top) - 1;
*/
static inline void *pym_bin_take(struct pym_bin *bin);

/*@ requires \valid(bin);
    requires bin->top != bin->full ==> \valid(bin->top) &&
      \separated(bin, bin->top);
    assigns bin->top, *bin->top;
    ensures a_full_bin_refuses: \old(bin->top) == bin->full ==>
      !\result && bin->top == \old(bin->top);
    ensures keeps_the_block_on_top: \old(bin->top) != bin->full ==>
      \result && bin->top == \old(bin->top) + 1 && bin->top[-1] == freed;
    ensures cache_bound: \forall integer room;
      \old(bin->top) + room == bin->full && room >= 0 ==>
        bin->top <= bin->full;
*/
static inline bool pym_bin_give(struct pym_bin *bin, void *freed);
