/*
** Reads the call stack of a thread of CPython from the structures of its
** interpreter. Reading allocates nothing and changes no reference count. The
** thread has the GIL, because it makes a request to the memory or the object
** domain.
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

/* How many of the innermost frames are read. */
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
** Brings a stack up to date that was read before, the outermost frame first:
** mostly a few functions were called or have returned since. *changed: the
** outermost level that is not as it was; it may be *count. 'part->end' is NULL
** if the stack is whole. false: it is to be read again, but for the outermost
** *count levels, which are as they were.
*/
bool stack_follow(const void *thread, const struct stack_part *part,
                  struct stack_frame *stack, unsigned *count,
                  unsigned *changed);

/*
** PyCodeAddressRange, as in Python's headers: a place in the line table of a code
** object. Zeros: its beginning.
*/
struct stack_lines {
  int start, end, line;
  struct {
    int line;
    const unsigned char *place, *limit;
  } next;
};

/*
** Writes "FILE:LINE FUNCTION" for a frame, and returns its length. A longer
** FILE loses its beginning. 0: the code object is being deallocated. '*lines' is
** of the frame's code object: the table is read on from there, because most
** requests of a function are made in the order of its lines.
*/
size_t stack_text(const struct stack_frame *frame, struct stack_lines *lines,
                  char text[STACK_TEXT_BYTES]);

#endif
