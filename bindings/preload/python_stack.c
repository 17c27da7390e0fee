#include "python_stack.h"

#include <stdio.h>
#include <string.h>

#include "python_api.h"
#include "python_text.h"

#define NAME_BYTES 80u /* of a function, at most */
#define LINE_BYTES 16u /* of ":LINE ", at most */

/* Skips the frames that stand for a call from C, and are of no function. */
static inline const void *skip(struct layout layout, const void *frame)
{
  if (layout.frame_owner == LAYOUT_NONE)
    return frame;
  while (frame != NULL &&
         LAYOUT_READ(char, frame, layout.frame_owner) == LAYOUT_OWNED_BY_CSTACK)
    frame = LAYOUT_READ(void *, frame, layout.frame_previous);
  return frame;
}

static inline const void *innermost(struct layout layout, const void *thread)
{
  const void *frame = LAYOUT_READ(void *, thread, layout.thread_frame);
  if (layout.cframe_frame != LAYOUT_NONE && frame != NULL)
    frame = LAYOUT_READ(void *, frame, layout.cframe_frame);
  return skip(layout, frame);
}

static inline uintptr_t instruction_of(struct layout layout, const void *frame)
{
  if (layout.code_bytecode == LAYOUT_NONE)
    return (uintptr_t)LAYOUT_READ(int, frame, layout.frame_instruction);
  return LAYOUT_READ(uintptr_t, frame, layout.frame_instruction);
}

static inline struct stack_frame frame_at(struct layout layout,
                                          const void *frame)
{
  return (struct stack_frame){frame,
                              LAYOUT_READ(char *, frame, layout.frame_code),
                              instruction_of(layout, frame)};
}

static inline const void *caller_of(struct layout layout, const void *frame)
{
  return skip(layout, LAYOUT_READ(void *, frame, layout.frame_previous));
}

/*
** Here and below, the layout is passed by value, so that its fields need not be
** read again after each frame that is written.
*/
unsigned stack_read(const void *thread, const struct stack_part *part,
                    struct stack_frame *frames, bool *is_cut)
{
  struct layout layout = *python_api.layout;
  struct stack_part wanted = *part;
  const void *frame = innermost(layout, thread), *before = NULL;
  unsigned count = 0;
  while (frame != NULL && count < wanted.most &&
         (before != wanted.end || count < wanted.least)) {
    frames[count++] = frame_at(layout, frame);
    before = frame;
    frame = caller_of(layout, frame);
  }
  *is_cut = frame != NULL;
  return count;
}

static inline bool is_at(struct layout layout, const void *frame,
                         const struct stack_frame *last)
{
  return frame == last->address &&
         instruction_of(layout, frame) == last->instruction &&
         LAYOUT_READ(char *, frame, layout.frame_code) == last->code;
}

bool stack_goes_on(const void *thread, const struct stack_frame *last,
                   unsigned count, bool is_cut, struct stack_frame *now)
{
  struct layout layout = *python_api.layout;
  const void *frame = innermost(layout, thread);
  const struct stack_frame *level = last + count;
  if (count == 0 || frame != (--level)->address)
    return false;
  *now = frame_at(layout, frame);
  frame = caller_of(layout, frame);
  while (level-- > last) {
    if (!is_at(layout, frame, level))
      return false;
    frame = caller_of(layout, frame);
  }
  return (frame != NULL) == is_cut;
}

/* A frame whose function has not begun gets the function's first line. */
static int line_of(const struct layout *layout, const struct stack_frame *frame)
{
  intptr_t offset = (intptr_t)frame->instruction;
  if (layout->code_bytecode == LAYOUT_NONE)
    offset *= layout->lasti_bytes;
  else
    offset -= (intptr_t)(frame->code + layout->code_bytecode);
  int line = offset < 0 ? -1 : python_api.line_of(frame->code, (int)offset);
  return line > 0 ? line
                  : LAYOUT_READ(int, frame->code, layout->code_first_line);
}

/* Is it a code object that is not being deallocated? */
static bool is_code(const char *object)
{
  return object != NULL && LAYOUT_READ(intptr_t, object, 0) > 0 &&
         LAYOUT_READ(void *, object, sizeof(intptr_t)) == python_api.code_type;
}

size_t stack_text(const struct stack_frame *frame, char text[STACK_TEXT_BYTES])
{
  const struct layout *layout = python_api.layout;
  char name[NAME_BYTES], line[LINE_BYTES];
  if (!is_code(frame->code))
    return 0;
  size_t name_bytes = python_text_head(
      LAYOUT_READ(void *, frame->code, layout->code_name), name, sizeof name);
  size_t line_bytes =
      (size_t)snprintf(line, sizeof line, ":%d ", line_of(layout, frame));
  size_t bytes =
      python_text_tail(LAYOUT_READ(void *, frame->code, layout->code_filename),
                       text, STACK_TEXT_BYTES - name_bytes - line_bytes);
  memcpy(text + bytes, line, line_bytes);
  memcpy(text + bytes + line_bytes, name, name_bytes);
  return bytes + line_bytes + name_bytes;
}
