/*
** The declarations that the files of 'failing' share: the system, whose calls
** can be made to fail, and the cases that run on it.
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
** Makes the n-th call from now fail, and if it 'lasts', all calls after it; 0:
** no call fails. A call that fails with EINTR is repeated, so that failure
** never lasts.
*/
void system_fail(size_t n, bool lasts);

/* Calls that could have failed since system_fail. */
size_t system_calls(void);

/*
** From now on the clock and the count of page faults advance by these numbers
** from one reading to the next, again and again from the first; NULL: they are
** those of the system.
*/
#define SYSTEM_READINGS 6u
void system_set_readings(const unsigned *readings);

/* The resources that are in use: blocks, mapped bytes, open descriptors. */
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

/*
** Stores the block of a request and fills it; does nothing if it was refused.
*/
void stage_enter(struct stage *stage, size_t i, void *data, size_t bytes);

/* Ends the process if a block has lost the bytes that it was filled with. */
void stage_prove_content(const struct stage *stage, size_t i);

enum failing_kind {
  MAY_FAIL,     /* run with a stage, at each call that can fail */
  ASKS_NOTHING, /* run with a stage; makes no call that can fail */
  WHOLE         /* run without a stage; makes its own objects, which may fail */
};

struct failing_case {
  const char *name; /* of the function */
  enum failing_kind kind;
  void (*run)(struct stage *stage);
};

/* Each list ends with a case whose name is NULL. */
extern const struct failing_case failing_public[]; /* of pymalloc.h */
extern const struct failing_case failing_inner[];  /* replays, measures */
extern const struct failing_case failing_runs[];   /* timelines */
extern const struct failing_case failing_lab[];    /* simulations */
extern const struct failing_case failing_packed[]; /* packed traces */

#define FAILING_MARKS 20u

/*
** The texts of two traces: one of interpreter 0, and one with sites,
** FAILING_MARKS marks and four interpreters.
*/
const char *failing_text(void);
const char *failing_rich_text(void);

/* The options of a heap with small arenas. */
pym_options failing_small_options(void);

/* Runs 'use' on the first requests of interpreter 0 of a text. */
struct loaded_trace;
void failing_with(const char *text, size_t count,
                  void (*use)(const struct loaded_trace *));

/* Analyses a trace, and ends the process if a result is wrong. */
void failing_analyse(const struct loaded_trace *loaded);

/* The options of the heaps that cases run on, by number; false: no more. */
bool failing_options(size_t number, pym_options *options);

/* Receives text and drops it. */
bool failing_drop(void *context, const char *text, size_t bytes);

#define MUST(fact) ((fact) ? (void)0 : failing_end(#fact, __FILE__, __LINE__))
_Noreturn void failing_end(const char *fact, const char *file, int line);

#endif
