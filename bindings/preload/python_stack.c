#include "python_stack.h"

#include <stdio.h>
#include <string.h>

#include "python_api.h"
#include "python_text.h"

#define NAME_BYTES 80u /* of a function, at most */
#define LINE_BYTES 16u /* of ":LINE ", at most */

/* Skips the frames that stand for a call from C, and are of no function. */
static const void *skip(const struct layout *layout, const void *frame)
{
  if (layout->frame_owner == LAYOUT_NONE)
    return frame;
  while (frame != NULL && LAYOUT_READ(char, frame, layout->frame_owner) ==
                              LAYOUT_OWNED_BY_CSTACK)
    frame = LAYOUT_READ(void *, frame, layout->frame_previous);
  return frame;
}

static const void *innermost(const struct layout *layout, const void *thread)
{
  const void *frame = LAYOUT_READ(void *, thread, layout->thread_frame);
  if (layout->cframe_frame != LAYOUT_NONE && frame != NULL)
    frame = LAYOUT_READ(void *, frame, layout->cframe_frame);
  return skip(layout, frame);
}

unsigned stack_read(const void *thread, const struct stack_part *part,
                    struct stack_frame *frames, bool *is_cut)
{
  const struct layout *layout = python_api.layout;
  bool is_address = layout->code_bytecode != LAYOUT_NONE;
  const void *frame = innermost(layout, thread), *before = NULL;
  unsigned count = 0;
  while (frame != NULL && count < part->most &&
         (before != part->end || count < part->least)) {
    frames[count].address = frame;
    frames[count].code = LAYOUT_READ(char *, frame, layout->frame_code);
    frames[count++].instruction =
        is_address
            ? LAYOUT_READ(uintptr_t, frame, layout->frame_instruction)
            : (uintptr_t)LAYOUT_READ(int, frame, layout->frame_instruction);
    before = frame;
    frame = skip(layout, LAYOUT_READ(void *, frame, layout->frame_previous));
  }
  *is_cut = frame != NULL;
  return count;
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
