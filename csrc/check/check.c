#include "check/check.h"

#include <stdarg.h>
#include <stdio.h>

#define INVARIANT_NAME(symbol, name) name,
static const char *const names[] = {INVARIANTS(INVARIANT_NAME)};

const char *const *pym_invariants(size_t *count)
{
  *count = INVARIANT_COUNT;
  return names;
}

bool check_fail(struct check *check, enum invariant invariant,
                const char *format, ...)
{
  va_list arguments;
  assert(invariant < INVARIANT_COUNT);
  /* GCOVR_EXCL_BR_START: no test calls pym_check with NULL for the fault on a
     damaged heap */
  if (check->fault == NULL)
    return false;
  /* GCOVR_EXCL_BR_STOP */
  check->fault->invariant = names[invariant];
  va_start(arguments, format);
  (void)vsnprintf(check->fault->text, sizeof check->fault->text, format,
                  arguments);
  va_end(arguments);
  return false;
}
