/*
** What the files of 'failing' share: the system that can be made to fail, and
** the cases that are run on it.
*/
#ifndef FAILING_H
#define FAILING_H

#include "pymalloc.h"

/*
** {==================================================================
** The system: functions of the C library, between the library under test and
** the C library by the linker's --wrap
** ===================================================================
*/

/*
** The n-th call from now fails, and where it 'lasts' all after it do; 0: none.
** An interrupted call (EINTR) is done again, so that it never lasts.
*/
void system_fail(size_t n, bool lasts);

/* Calls that could have failed since system_fail. */
size_t system_calls(void);

/* What is outstanding: blocks, mapped bytes, open descriptors. */
struct system_account {
  size_t blocks, mapped_bytes, descriptors;
};
struct system_account system_account(void);

/* }================================================================== */

#define STAGE_BLOCKS 500u

/* A heap on the system with live blocks, whose bytes are known. */
struct stage {
  pym_heap *heap;
  unsigned char *blocks[STAGE_BLOCKS];
  size_t bytes[STAGE_BLOCKS];
};

/* Notes what a request gave, if it did, and fills it. */
void stage_enter(struct stage *stage, size_t i, void *data, size_t bytes);

/* Ends the process where the bytes of a block are not what they were. */
void stage_prove_content(const struct stage *stage, size_t i);

enum failing_kind {
  MAY_FAIL,     /* run with a stage, at each call that can fail */
  ASKS_NOTHING, /* run with a stage; calls nothing that can fail */
  WHOLE         /* without one: it makes what it needs under failure */
};

struct failing_case {
  const char *name; /* of the function */
  enum failing_kind kind;
  void (*run)(struct stage *stage);
};

/* Each ends with a name that is NULL. */
extern const struct failing_case failing_public[]; /* of pymalloc.h */
extern const struct failing_case failing_inner[];  /* replays, runs */

/* The options of the heaps that cases run on, by number; false: no more. */
bool failing_options(size_t number, pym_options *options);

/* Receives text and drops it. */
bool failing_drop(void *context, const char *text, size_t bytes);

#define MUST(fact) ((fact) ? (void)0 : failing_end(#fact, __FILE__, __LINE__))
_Noreturn void failing_end(const char *fact, const char *file, int line);

#endif
