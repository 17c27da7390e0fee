/*
** The bytes of a fuzzer as a stream of choices; zeros after the last byte.
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

/* The function that libFuzzer calls. */
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

/* A geometry: that of a profile, or other numbers that pass the check. */
pym_geometry input_geometry(struct input *input);

/* Options with any geometry, debug hooks, checks, cache and limits. */
pym_options input_options(struct input *input);

/*
** The raw allocator and the pages of the heap that is fuzzed. They count raw
** blocks and free them in the end, and fail at the call that they are told.
*/
struct ledger {
  struct ledger_link {
    struct ledger_link *previous, *next;
  } ring;
  size_t count;
  size_t raw_countdown;  /* 1: the next raw request fails; 0: none fails */
  size_t page_countdown; /* the same for commits */
  pym_pages pages;       /* the system's */
};

/* Puts an empty ledger below a heap to be made. It must not move. */
void ledger_stand_below(struct ledger *ledger, pym_options *options);

/* Frees the raw blocks that were not freed. */
void ledger_close(struct ledger *ledger);

/* A pym_write that ignores the text. */
bool input_drop(void *context, const char *text, size_t bytes);

/* Ends the process if a fact does not hold. */
#define MUST(fact) ((fact) ? (void)0 : input_fail(#fact, __FILE__, __LINE__))
_Noreturn void input_fail(const char *fact, const char *file, int line);

#endif
