#include "python_layout.h"

#include <stddef.h>

#define FIRST_MINOR 7

static const struct layout layouts[] = {
    {.thread_frame = 24, /* 3.7 */
     .cframe_frame = LAYOUT_NONE,
     .frame_code = 32,
     .frame_previous = 24,
     .frame_instruction = 104,
     .frame_owner = LAYOUT_NONE,
     .code_first_line = 36,
     .code_filename = 96,
     .code_name = 104,
     .code_lines = LAYOUT_NONE,
     .code_bytecode = LAYOUT_NONE,
     .lasti_bytes = 1,
     .ascii_bytes = 48,
     .compact_bytes = 72},
    {.thread_frame = 24, /* 3.8 */
     .cframe_frame = LAYOUT_NONE,
     .frame_code = 32,
     .frame_previous = 24,
     .frame_instruction = 104,
     .frame_owner = LAYOUT_NONE,
     .code_first_line = 40,
     .code_filename = 104,
     .code_name = 112,
     .code_lines = LAYOUT_NONE,
     .code_bytecode = LAYOUT_NONE,
     .lasti_bytes = 1,
     .ascii_bytes = 48,
     .compact_bytes = 72},
    {.thread_frame = 24, /* 3.9 */
     .cframe_frame = LAYOUT_NONE,
     .frame_code = 32,
     .frame_previous = 24,
     .frame_instruction = 104,
     .frame_owner = LAYOUT_NONE,
     .code_first_line = 40,
     .code_filename = 104,
     .code_name = 112,
     .code_lines = LAYOUT_NONE,
     .code_bytecode = LAYOUT_NONE,
     .lasti_bytes = 1,
     .ascii_bytes = 48,
     .compact_bytes = 72},
    {.thread_frame = 24, /* 3.10 */
     .cframe_frame = LAYOUT_NONE,
     .frame_code = 32,
     .frame_previous = 24,
     .frame_instruction = 96,
     .frame_owner = LAYOUT_NONE,
     .code_first_line = 40,
     .code_filename = 104,
     .code_name = 112,
     .code_lines = 120,
     .code_bytecode = LAYOUT_NONE,
     .lasti_bytes = 2,
     .ascii_bytes = 48,
     .compact_bytes = 72},
    {.thread_frame = 56, /* 3.11 */
     .cframe_frame = 8,
     .frame_code = 32,
     .frame_previous = 48,
     .frame_instruction = 56,
     .frame_owner = LAYOUT_NONE,
     .code_first_line = 72,
     .code_filename = 112,
     .code_name = 128,
     .code_lines = 136,
     .code_bytecode = 184,
     .ascii_bytes = 48,
     .compact_bytes = 72},
    {.thread_frame = 56, /* 3.12 */
     .cframe_frame = 0,
     .frame_code = 0,
     .frame_previous = 8,
     .frame_instruction = 56,
     .frame_owner = 70,
     .code_first_line = 68,
     .code_filename = 112,
     .code_name = 128,
     .code_lines = 136,
     .code_bytecode = 192,
     .ascii_bytes = 40,
     .compact_bytes = 56},
    {.thread_frame = 72, /* 3.13 */
     .cframe_frame = LAYOUT_NONE,
     .frame_code = 0,
     .frame_previous = 8,
     .frame_instruction = 56,
     .frame_owner = 70,
     .code_first_line = 68,
     .code_filename = 112,
     .code_name = 128,
     .code_lines = 136,
     .code_bytecode = 200,
     .ascii_bytes = 40,
     .compact_bytes = 56},
};

const struct layout *layout_of(unsigned minor)
{
  size_t count = sizeof layouts / sizeof layouts[0];
  if (sizeof(void *) != 8 || minor < FIRST_MINOR ||
      minor - FIRST_MINOR >= count)
    return NULL;
  return &layouts[minor - FIRST_MINOR];
}
