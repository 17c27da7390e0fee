/*
** The return addresses in the stack of the calling thread. The first time, they
** are found by the program's tables for exceptions, which is slow. The distance
** from each to the next one is remembered: most functions have frames of one
** size.
*/
#ifndef WHERE_STACK_H
#define WHERE_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "where.h"

/* Frames of the C++ library and of the recorder, inside the program's own. */
#define STACK_INNER_MAX 8

struct stack_frame {
  uintptr_t address; /* the return address */
  uintptr_t place;   /* where it is in the stack; 0: elsewhere */
};

struct stack {
  struct stack_frame frames[WHERE_DEPTH_MAX + STACK_INNER_MAX];
  size_t count;
  uintptr_t caller; /* the return address of the recorder's function */
  bool is_new;      /* its distances are to be learned */
};

bool stack_open(void);

/* Forgets all, in a forked child. */
void stack_restart(void);

/*
** Unwinds the stack. 'frame' is the address of the frame of the recorder's
** function, 'top' the highest address known to be in the stack.
*/
void stack_unwind(struct stack *stack, const char *frame, uintptr_t top);

/* Remembers the distances of a new stack. One thread at a time may call it. */
void stack_learn(const struct stack *stack, const char *frame);

/* The distance to the return address behind 'i', or TABLE_VARIABLE. */
uint32_t stack_step(const struct stack *stack, size_t i);

/* The index of the program's innermost frame. */
size_t stack_first(const struct stack *stack);

#endif
