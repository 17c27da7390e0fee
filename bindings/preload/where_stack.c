#define _GNU_SOURCE

#include "where_stack.h"

#include <unwind.h>

#include "modules.h"
#include "where_table.h"

/* A larger distance is not remembered: such stacks are unwound each time. */
#define FRAME_BYTES_MAX 4096u

static struct table steps;    /* return address -> bytes to the next one */
static uintptr_t first_place; /* of a return address; 0: unknown */

bool stack_open(void)
{
  return table_open(&steps);
}

void stack_restart(void)
{
  table_clear(&steps);
}

static _Unwind_Reason_Code add_frame(struct _Unwind_Context *context,
                                     void *state)
{
  struct stack *stack = state;
  struct stack_frame frame = {.address = _Unwind_GetIP(context),
                              .place =
                                  _Unwind_GetCFA(context) - sizeof(uintptr_t)};
  if (stack->count == 0 && frame.address != stack->caller)
    return _URC_NO_REASON; /* of the recorder */
  if (frame.address == 0)
    return _URC_END_OF_STACK;
  if (stack->count == where_depth + STACK_INNER_MAX)
    return _URC_END_OF_STACK;
  stack->frames[stack->count++] = frame;
  return _URC_NO_REASON;
}

uint32_t stack_step(const struct stack *stack, size_t i)
{
  uintptr_t place = stack->frames[i + 1].place;
  uintptr_t bytes = place - stack->frames[i].place;
  if (place % sizeof(uintptr_t) != 0 || bytes == 0 || bytes > FRAME_BYTES_MAX ||
      *(const uintptr_t *)place != stack->frames[i + 1].address)
    return TABLE_VARIABLE;
  return (uint32_t)bytes;
}

void stack_learn(const struct stack *stack, const char *frame)
{
  for (size_t i = 0; i < stack->count && steps.count < TABLE_ENTRIES_MAX; i++) {
    uint64_t key = table_key(TABLE_ROOT, stack->frames[i].address);
    struct table_entry *entry = table_look_up(&steps, key);
    bool is_last = i + 1 == stack->count;
    if (is_last && stack->count == where_depth + STACK_INNER_MAX)
      break; /* there are more */
    uint32_t next = is_last ? TABLE_END : stack_step(stack, i);
    if (entry->key == 0) {
      entry->next = next;
      table_add(&steps, entry, key);
    } else if (entry->next != next) {
      table_vary(entry);
    }
  }
  first_place = stack->frames[0].place - (uintptr_t)frame;
}

/* false: a distance is not known, or is not always the same. */
static bool unwind_by_steps(struct stack *stack, const char *frame,
                            uintptr_t top)
{
  uintptr_t address = stack->caller;
  uintptr_t place = (uintptr_t)frame + first_place;
  while (first_place != 0 && place <= top) {
    const struct table_entry *entry =
        table_find(&steps, table_key(TABLE_ROOT, address));
    uint32_t next = entry == NULL ? TABLE_VARIABLE : table_next(entry);
    if (next == TABLE_VARIABLE)
      return false;
    stack->frames[stack->count++] = (struct stack_frame){address, place};
    if (next == TABLE_END || stack->count == where_depth + STACK_INNER_MAX)
      return true;
    place += next;
    if (place <= top)
      address = *(const uintptr_t *)place;
  }
  return false;
}

void stack_unwind(struct stack *stack, const char *frame, uintptr_t top)
{
  stack->count = 0;
  stack->is_new = !unwind_by_steps(stack, frame, top);
  if (stack->is_new) {
    stack->count = 0;
    (void)_Unwind_Backtrace(add_frame, stack);
  }
  if (stack->count == 0) /* the caller has no table */
    stack->frames[stack->count++] =
        (struct stack_frame){.address = stack->caller};
}

/* Leaves out the frames of the C++ library inside the program's innermost. */
size_t stack_first(const struct stack *stack)
{
  size_t first = 0;
  for (size_t i = 0; i < stack->count && i < STACK_INNER_MAX; i++)
    if (modules_is_recorder(stack->frames[i].address))
      first = i + 1;
  return first;
}
