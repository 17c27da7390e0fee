#include "python_stack.h"

#include <assert.h>
#include <string.h>

#include "python_api.h"
#include "python_text.h"

#define NAME_BYTES 80u /* of a function, at most */
#define NEAR 4u        /* the most calls and returns that are followed */
#define LINE_BYTES 16u /* of ":LINE ", at most */
#define ALWAYS_INLINE inline __attribute__((always_inline))

/* Skips frames that mark a call from C, and belong to no function. */
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

/* The level of a frame among the innermost ones of a stack; -1: not there. */
static inline int level_of(const struct stack_frame *stack, unsigned count,
                           const void *frame)
{
  for (unsigned up = 1; up <= NEAR && up <= count; up++)
    if (stack[count - up].address == frame)
      return (int)(count - up);
  return -1;
}

/*
** Is a frame where it was before? An address of an instruction is that of one code
** object: a code object that is freed is forgotten, with the levels of the stack
** that have it.
*/
static ALWAYS_INLINE bool is_unmoved(struct layout layout, bool has_addresses,
                                     const void *frame,
                                     const struct stack_frame *before)
{
  if (has_addresses)
    return LAYOUT_READ(uintptr_t, frame, layout.frame_instruction) ==
           before->instruction;
  return (uintptr_t)LAYOUT_READ(int, frame, layout.frame_instruction) ==
             before->instruction &&
         LAYOUT_READ(char *, frame, layout.frame_code) == before->code;
}

/* The same as 'compare', below. has_addresses: frames have those of instructions. */
static ALWAYS_INLINE bool walk(struct layout layout, bool has_addresses,
                               const void **frame, struct stack_frame *stack,
                               unsigned level, unsigned *count,
                               unsigned *changed)
{
  const void *now = *frame;
  struct stack_frame *outermost = &stack[level + 1];
  for (struct stack_frame *at = outermost; at-- != stack;) {
    assert(at->address != NULL);
    if (now != at->address && (now = skip(layout, now)) != at->address) {
      *count = (unsigned)(at - stack) + 1;
      return false;
    }
    if (!is_unmoved(layout, has_addresses, now, at))
      *(outermost = at) = frame_at(layout, now);
    now = LAYOUT_READ(void *, now, layout.frame_previous);
  }
  *changed = (unsigned)(outermost - stack);
  *frame = skip(layout, now);
  return true;
}

/*
** Compares the levels from 'level' outwards, and brings them up to date.
** Returns the outermost one that has changed, or level + 1. *frame becomes the
** caller of the outermost. false: a frame is another one; *count has those
** levels that are as they were.
*/
static bool compare(struct layout layout, const void **frame,
                    struct stack_frame *stack, unsigned level, unsigned *count,
                    unsigned *changed)
{
  if (layout.code_bytecode != LAYOUT_NONE)
    return walk(layout, true, frame, stack, level, count, changed);
  return walk(layout, false, frame, stack, level, count, changed);
}

bool stack_follow(const void *thread, const struct stack_part *part,
                  struct stack_frame *stack, unsigned *count, unsigned *changed)
{
  struct layout layout = *python_api.layout;
  struct stack_frame added[NEAR];
  const void *frame = innermost(layout, thread);
  unsigned more = 0;
  int level = level_of(stack, *count, frame);
  while (level < 0 && frame != NULL && more < NEAR) {
    added[more++] = frame_at(layout, frame);
    frame = caller_of(layout, frame);
    level = level_of(stack, *count, frame);
  }
  unsigned all = (unsigned)(level + 1) + more;
  if (level < 0 || all > part->most || (part->end != NULL && all < part->least))
    return false;
  if (!compare(layout, &frame, stack, (unsigned)level, count, changed))
    return false;
  *count = *changed;
  if ((frame != NULL) != (part->end != NULL))
    return false;
  for (*count = (unsigned)(level + 1); more > 0;)
    stack[(*count)++] = added[--more];
  return true;
}

#define OBJECT_BYTES 16u     /* sizeof(PyObject) */
#define BYTES_HEAD_BYTES 32u /* of a bytes object, before its contents */

/* The beginning of the line table of a code object. */
static void begin_lines(const struct layout *layout, const char *code,
                        struct stack_lines *lines)
{
  const char *table = LAYOUT_READ(char *, code, layout->code_lines);
  *lines = (struct stack_lines){
      .start = -1,
      .line = -1,
      .next.line = LAYOUT_READ(int, code, layout->code_first_line),
      .next.place = (const unsigned char *)table + BYTES_HEAD_BYTES};
  lines->next.limit =
      lines->next.place + LAYOUT_READ(size_t, table, OBJECT_BYTES);
}

/* The line of a place in the bytecode. */
static int line_at(const struct layout *layout, const char *code, int offset,
                   struct stack_lines *lines)
{
  if (layout->code_lines == LAYOUT_NONE || python_api.line_from == NULL)
    return python_api.line_of(code, offset);
  if (lines->next.limit == NULL || offset < lines->start)
    begin_lines(layout, code, lines);
  return python_api.line_from(offset, lines);
}

/* A frame whose function has not begun gets the function's first line. */
static int line_of(const struct layout *layout, const struct stack_frame *frame,
                   struct stack_lines *lines)
{
  intptr_t offset = (intptr_t)frame->instruction;
  if (layout->code_bytecode == LAYOUT_NONE)
    offset *= layout->lasti_bytes;
  else
    offset -= (intptr_t)(frame->code + layout->code_bytecode);
  int line = offset < 0 ? -1 : line_at(layout, frame->code, (int)offset, lines);
  return line > 0 ? line
                  : LAYOUT_READ(int, frame->code, layout->code_first_line);
}

/* Writes ":LINE ". Returns its length. */
static size_t write_line(int line, char text[LINE_BYTES])
{
  char digits[LINE_BYTES];
  size_t count = 0, bytes = 0;
  for (unsigned left = (unsigned)line; count == 0 || left > 0; left /= 10)
    digits[count++] = (char)('0' + left % 10);
  text[bytes++] = ':';
  while (count > 0)
    text[bytes++] = digits[--count];
  text[bytes++] = ' ';
  return bytes;
}

/* Is it a code object that is not being deallocated? */
static bool is_code(const char *object)
{
  return object != NULL && LAYOUT_READ(intptr_t, object, 0) > 0 &&
         LAYOUT_READ(void *, object, sizeof(intptr_t)) == python_api.code_type;
}

size_t stack_text(const struct stack_frame *frame, struct stack_lines *lines,
                  char text[STACK_TEXT_BYTES])
{
  const struct layout *layout = python_api.layout;
  char name[NAME_BYTES], line[LINE_BYTES];
  if (!is_code(frame->code))
    return 0;
  size_t name_bytes = python_text_head(
      LAYOUT_READ(void *, frame->code, layout->code_name), name, sizeof name);
  size_t line_bytes = write_line(line_of(layout, frame, lines), line);
  size_t bytes =
      python_text_tail(LAYOUT_READ(void *, frame->code, layout->code_filename),
                       text, STACK_TEXT_BYTES - name_bytes - line_bytes);
  memcpy(text + bytes, line, line_bytes);
  memcpy(text + bytes + line_bytes, name, name_bytes);
  return bytes + line_bytes + name_bytes;
}
