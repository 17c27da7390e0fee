/*
** pym_check. The blocks of debug hooks are checked first, because an overflow
** of a block is the cause of the links and counts that it damages.
*/
#include "check/check.h"
#include "debug/check_blocks.h"

bool pym_check(const pym_heap *heap, pym_fault *fault)
{
  struct check check = {.heap = heap, .fault = fault};
  return check_blocks(&check) && check_heap(&check);
}
