/*
** The call stack of a thread of CPython, as its interpreter has it. Reading it
** allocates nothing, and leaves all reference counts as they are. The thread
** has the GIL: it asks the memory or the object domain for memory.
*/
#ifndef PYTHON_STACK_H
#define PYTHON_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STACK_TEXT_BYTES 200u

/* A call of a Python function. */
struct stack_frame {
  const void *address;
  const char *code;      /* the PyCodeObject */
  uintptr_t instruction; /* f_lasti, or the address of the instruction */
};

/* Which frames are read: the innermost ones, as many as: */
struct stack_part {
  unsigned least;
  unsigned most;
  const void *end; /* ends at the frame of this address if 'least' are read */
};

/*
** Reads frames of a PyThreadState, the innermost first. Returns their number;
** *is_cut: there are more.
*/
unsigned stack_read(const void *thread, const struct stack_part *part,
                    struct stack_frame *frames, bool *is_cut);

/*
** Is the stack of a PyThreadState the 'count' frames at 'last', the outermost
** first, where the innermost may have another instruction or function? Then
** *now is the innermost. 'is_cut': there are more, farther out.
*/
bool stack_goes_on(const void *thread, const struct stack_frame *last,
                   unsigned count, bool is_cut, struct stack_frame *now);

/*
** Writes "FILE:LINE FUNCTION" for a frame, and returns its length. A longer
** FILE loses its beginning. 0: the code object is being deallocated.
*/
size_t stack_text(const struct stack_frame *frame, char text[STACK_TEXT_BYTES]);

#endif
