/*
** The operations of a trace, one a line. Each has a letter, with which its line
** begins, and operands.
**
**   a ID SIZE      malloc         c ID N ELSIZE   calloc
**   r ID SIZE      realloc        f ID            free
**   d  dump the state    s  print the report    k  check every invariant
**   x N  let N more arenas be obtained, then fail; x -1: never fail
**   w SITE PARENT TEXT  define a site, the frame of a call stack
**   m TEXT  mark this moment: the begin of a phase of the program
**   i N  the requests from here on are of interpreter N
**   o N  arenas obtained from here on begin N bytes behind an aligned address
**
** Numbers go up to 2^64 - 1 and ids start at 1. Blanks or tabs separate
** the operands.
**
** A line a, c or r may end in " @SITE", the innermost frame that made the
** request. Sites form a tree, in which equal call stacks are one site:
**
**   w 1 0 app.py:30 main            main --- load --- parse
**   w 2 1 app.py:12 load                 \\
**   w 3 2 json.py:7 parse                 save
**   w 4 1 app.py:44 save
**   a 1 24 @3                       parse asked, called by load, by main
**
** Sites are numbered 1, 2, 3 in the order of their lines. PARENT is the site
** of the calling frame, which is defined before, or 0 for none: so there is no
** cycle. TEXT goes to the end of the line; it has 1 to TRACE_TEXT_MAX bytes,
** no control characters, and no blanks at its ends.
**
** A trace begins with interpreter 0. Each interpreter has a heap and ids of its
** own.
**
** A CPython whose pools are larger than the system's pages loses a pool of each
** arena whose address is not a multiple of the pool size. N is the address modulo
** the pool size of the CPython that was recorded; at first it is 0. An o is of the
** heap of the interpreter whose requests the trace has there.
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
  X(ALLOW, "allow", 'x', LIMIT, "x N")                      \
  X(SITE, "site", 'w', SITE_TEXT, "w SITE PARENT TEXT")     \
  X(MARK, "mark", 'm', TEXT, "m TEXT")                      \
  X(INTERPRETER, "interpreter", 'i', INTERPRETER, "i N")    \
  X(OFFSET, "offset", 'o', OFFSET, "o N")

#define TRACE_TEXT_MAX 200u          /* bytes of TEXT */
#define TRACE_SITE_MAX UINT32_MAX    /* the largest SITE */
#define TRACE_INTERPRETER_MAX 65535u /* the largest N of i */
#define TRACE_OFFSET_MAX 1048575u    /* the largest N of o */

enum trace_letter {
#define X(name, word, letter, operands, form) TRACE_##name = letter,
  TRACE_OPS(X)
#undef X
};

struct trace_op {
  uint64_t line; /* its number, from 1 */
  enum trace_letter letter;
  uint32_t site;   /* w: the one defined; a c r: the innermost, 0 for none */
  uint64_t id;     /* of the requests: a c r f; else 0 */
  uint64_t count;  /* c: of elements; x: of arenas, UINT64_MAX never to fail;
                     i: the interpreter; o: the offset */
  uint64_t bytes;  /* a r; c: of one element */
  uint32_t parent; /* w: the site of the calling frame, 0 for none */
  uint32_t text_bytes; /* w m: the length of TEXT */
  const char *text;    /* w m: TEXT, until the next line is read */
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

/* A letter with four numbers, or two and a text, and the line's end. */
#define TRACE_LINE_BYTES (TRACE_TEXT_MAX + 64u)

/*
** Writes the line of an operation, with "\n" and '\0'; returns its length. A
** text may be any bytes: control characters become '?', blanks at its ends and
** the bytes beyond TRACE_TEXT_MAX are left out, and if nothing remains, "?" is
** written.
*/
size_t trace_op_format(const struct trace_op *op, char line[TRACE_LINE_BYTES]);

/*
** Can the bytes be a TEXT: are there 1 to TRACE_TEXT_MAX, no control characters,
** and no blanks at the ends?
*/
bool trace_text_is_valid(const char *text, size_t bytes);

/*
** One macro for each value of 'operands' in TRACE_OPS; it reads them. Those with
** a text, the interpreter and the offset are left to trace_op_read.
*/
#define TRACE_READ_NOTHING true
#define TRACE_READ_ID scan_id(cursor, &op->id, hint)
#define TRACE_READ_COUNT scan_number(cursor, &op->count, hint)
#define TRACE_READ_BYTES scan_number(cursor, &op->bytes, hint)
#define TRACE_READ_LIMIT scan_limit(cursor, &op->count, hint)
#define TRACE_READ_INTERPRETER false
#define TRACE_READ_OFFSET false
#define TRACE_READ_TEXT false
#define TRACE_READ_SITE_TEXT false
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
** the cursor behind the line. false: the line has no valid operation, or one of
** the few that only trace_op_read reads: w, m, i, o and requests with a site.
*/
static inline bool trace_op_read_plain(const char **cursor, struct trace_op *op,
                                       const char **hint)
{
  const char *next = *cursor + 1;
  op->letter = (enum trace_letter)(unsigned char)**cursor;
  op->id = 0;
  op->site = 0;
  if (unlikely(!trace_op_read_operands(&next, op, hint) || !scan_end(&next)))
    return false;
  *cursor = next;
  return true;
}

/*
** The same for every operation; if it is wrong, '*hint' may say why. Whether
** its sites are defined is not looked at.
*/
bool trace_op_read(const char **cursor, struct trace_op *op, const char **hint);

#endif
