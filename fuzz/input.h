/*
** The bytes of a fuzzer as a stream of choices; zeros once they are used up.
*/
#ifndef INPUT_H
#define INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "pymalloc.h"

struct input {
  const uint8_t *bytes;
  size_t left;
};

/* What libFuzzer calls. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static inline uint8_t input_byte(struct input *input)
{
  if (input->left == 0)
    return 0;
  input->left--;
  return *input->bytes++;
}

static inline unsigned input_word(struct input *input)
{
  unsigned high = input_byte(input);
  return high << 8 | input_byte(input);
}

/* A geometry: a profile, or one of any numbers that pass the check. */
pym_geometry input_geometry(struct input *input);

/* Options with that geometry: debug, checked, a cache, limits, retaining. */
pym_options input_options(struct input *input);

/*
** What a heap stands on here: raw blocks are counted, and freed at last; a
** request for one, or for pages, fails when it was told to.
*/
struct ledger {
  struct ledger_link {
    struct ledger_link *previous, *next;
  } ring;
  size_t count;
  size_t raw_countdown;  /* the request to raw that fails; 0: none */
  size_t page_countdown; /* the same for commits */
  pym_pages pages;       /* the system's */
};

/* Puts an empty ledger below; it must not move. */
void ledger_stand_below(struct ledger *ledger, pym_options *options);

/* Frees what is left. */
void ledger_close(struct ledger *ledger);

/* A pym_write that keeps nothing. */
bool input_drop(void *context, const char *text, size_t bytes);

/* Ends the process where a fact does not hold. */
#define MUST(fact) ((fact) ? (void)0 : input_fail(#fact, __FILE__, __LINE__))
_Noreturn void input_fail(const char *fact, const char *file, int line);

#endif
