/*
** The operations of a trace, one a line. Each has a letter, with which its line
** begins, and operands.
**
**   a ID SIZE      malloc         c ID N ELSIZE   calloc
**   r ID SIZE      realloc        f ID            free
**   d  dump the state    s  print the report    k  check every invariant
**   x N  let N more arenas be obtained, then fail; x -1: never fail
**
** Numbers go up to 2^64 - 1 and ids start at 1. Blanks or tabs separate
** the operands.
*/
#ifndef TRACE_OP_H
#define TRACE_OP_H

#include "base/scanner.h"

/* X(name, word, letter, operands, form): 'word' is its name in messages. */
#define TRACE_OPS(X)                                        \
  X(MALLOC, "malloc", 'a', ID_BYTES, "a ID SIZE")           \
  X(CALLOC, "calloc", 'c', ID_COUNT_BYTES, "c ID N ELSIZE") \
  X(REALLOC, "realloc", 'r', ID_BYTES, "r ID SIZE")         \
  X(FREE, "free", 'f', ID, "f ID")                          \
  X(DUMP, "dump", 'd', NOTHING, "d")                        \
  X(REPORT, "report", 's', NOTHING, "s")                    \
  X(CHECK, "check", 'k', NOTHING, "k")                      \
  X(ALLOW, "allow", 'x', LIMIT, "x N")

enum trace_letter {
#define X(name, word, letter, operands, form) TRACE_##name = letter,
  TRACE_OPS(X)
#undef X
};

struct trace_op {
  uint64_t line; /* its number, from 1 */
  enum trace_letter letter;
  uint64_t id;    /* of the requests: a c r f; else 0 */
  uint64_t count; /* c: of elements; x: of arenas, UINT64_MAX never to fail */
  uint64_t bytes; /* a r; c: of one element */
};

/* Is it a request: malloc, calloc, realloc or free? */
static inline bool trace_is_request(enum trace_letter letter)
{
  return letter == TRACE_MALLOC || letter == TRACE_CALLOC ||
         letter == TRACE_REALLOC || letter == TRACE_FREE;
}

/* The word for an operation; NULL for a letter that no operation has. */
const char *trace_op_word(enum trace_letter letter);

/* The form of its line; NULL for a letter that no operation has. */
const char *trace_op_form(enum trace_letter letter);

#define TRACE_LINE_BYTES 80u /* a letter and three numbers, with their end */

/* Writes the line of an operation, with "\n" and '\0'; returns its length. */
size_t trace_op_format(const struct trace_op *op, char line[TRACE_LINE_BYTES]);

/* One macro for each value of 'operands' in TRACE_OPS; it reads them. */
#define TRACE_READ_NOTHING true
#define TRACE_READ_ID scan_id(cursor, &op->id, hint)
#define TRACE_READ_COUNT scan_number(cursor, &op->count, hint)
#define TRACE_READ_BYTES scan_number(cursor, &op->bytes, hint)
#define TRACE_READ_LIMIT scan_limit(cursor, &op->count, hint)
#define TRACE_READ_ID_BYTES (TRACE_READ_ID && TRACE_READ_BYTES)
#define TRACE_READ_ID_COUNT_BYTES \
  (TRACE_READ_ID && TRACE_READ_COUNT && TRACE_READ_BYTES)

/* Reads the operands behind the letter. */
static inline bool trace_op_read_operands(const char **cursor,
                                          struct trace_op *op,
                                          const char **hint)
{
  switch (op->letter) {
#define X(name, word, letter, operands, form) \
  case TRACE_##name:                          \
    return TRACE_READ_##operands;
    TRACE_OPS(X)
#undef X
  }
  return false;
}

/*
** Reads the operation of the line at '*cursor', which ends in '\n', and moves
** the cursor behind the line. false: the line has no valid operation; '*hint'
** may say why.
*/
static inline bool trace_op_read(const char **cursor, struct trace_op *op,
                                 const char **hint)
{
  const char *next = *cursor + 1;
  op->letter = (enum trace_letter)(unsigned char)**cursor;
  op->id = 0;
  if (unlikely(!trace_op_read_operands(&next, op, hint) || !scan_end(&next)))
    return false;
  *cursor = next;
  return true;
}

#endif
