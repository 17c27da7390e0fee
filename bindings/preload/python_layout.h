/*
** The offsets of the fields that lead from a thread to its call stack, in the
** versions 3.7 to 3.13 of CPython. The recorder reads the fields itself: the
** functions of CPython that return frames make an object for each, and so
** change what is recorded.
**
** Offsets are in bytes, and are those of a build for 64 bits without Py_DEBUG.
*/
#ifndef PYTHON_LAYOUT_H
#define PYTHON_LAYOUT_H

#include <stdint.h>

#define LAYOUT_NONE UINT16_MAX   /* the version does not have the field */
#define LAYOUT_OWNED_BY_CSTACK 3 /* FRAME_OWNED_BY_CSTACK: no Python function */

struct layout {
  /* PyThreadState: frame; cframe in 3.11 and 3.12; current_frame from 3.13 on */
  uint16_t thread_frame;
  uint16_t cframe_frame; /* _PyCFrame: current_frame */

  /* PyFrameObject; _PyInterpreterFrame from 3.11 on */
  uint16_t frame_code;        /* f_code; f_executable from 3.13 on */
  uint16_t frame_previous;    /* f_back; previous from 3.11 on */
  uint16_t frame_instruction; /* f_lasti; prev_instr, instr_ptr from 3.13 on */
  uint16_t frame_owner;       /* owner, from 3.12 on */

  /* PyCodeObject */
  uint16_t code_first_line; /* co_firstlineno */
  uint16_t code_filename;   /* co_filename */
  uint16_t code_name;       /* co_name; co_qualname from 3.11 on */
  uint16_t code_lines;      /* co_linetable, from 3.10 on */
  uint16_t code_bytecode;   /* co_code_adaptive, from 3.11 on */
  uint16_t lasti_bytes;     /* of bytecode that f_lasti counts */

  /* str: the characters are behind one of these structs */
  uint16_t ascii_bytes;   /* sizeof(PyASCIIObject) */
  uint16_t compact_bytes; /* sizeof(PyCompactUnicodeObject) */
};

/* The layout of CPython 3.'minor'; NULL: it is not known. */
const struct layout *layout_of(unsigned minor);

/* Reads a field of a struct. */
#define LAYOUT_READ(type, address, offset) \
  (*(type const *)((const char *)(address) + (offset)))

#endif
