#include "trace/trace_op.h"

#include <inttypes.h>
#include <stdio.h>

const char *trace_op_word(enum trace_letter letter)
{
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (letter) {
    /* GCOVR_EXCL_BR_STOP */
#define X(name, word, sign, operands, form) \
  case TRACE_##name:                        \
    return word;
    TRACE_OPS(X)
#undef X
  }
  return NULL;
}

const char *trace_op_form(enum trace_letter letter)
{
  switch (letter) {
#define X(name, word, sign, operands, form) \
  case TRACE_##name:                        \
    return form;
    TRACE_OPS(X)
#undef X
  }
  return NULL;
}

/* How to print the operands that TRACE_OPS names. */
#define FORMAT_NOTHING "%c\n", op->letter
#define FORMAT_ID "%c %" PRIu64 "\n", op->letter, op->id
#define FORMAT_ID_BYTES \
  "%c %" PRIu64 " %" PRIu64 "\n", op->letter, op->id, op->bytes
#define FORMAT_ID_COUNT_BYTES                                                \
  "%c %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", op->letter, op->id, op->count, \
      op->bytes
#define FORMAT_LIMIT                                                    \
  "%c %s%" PRIu64 "\n", op->letter, op->count == UINT64_MAX ? "-" : "", \
      op->count == UINT64_MAX ? 1 : op->count

size_t trace_op_format(const struct trace_op *op, char line[TRACE_LINE_BYTES])
{
  int length = 0;
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (op->letter) {
    /* GCOVR_EXCL_BR_STOP */
#define X(name, word, sign, operands, form)                       \
  case TRACE_##name:                                              \
    length = snprintf(line, TRACE_LINE_BYTES, FORMAT_##operands); \
    break;
    TRACE_OPS(X)
#undef X
  }
  assert(length > 0 && (unsigned)length < TRACE_LINE_BYTES);
  return (size_t)length;
}
