/*
** A function that the recorded program may call, whose name it looks up.
*/
#include <string.h>

#include "writer.h"

void pymalloc_mark(const char *text);

/* Marks this moment in the trace: a phase of the program begins. */
__attribute__((visibility("default"))) void pymalloc_mark(const char *text)
{
  writer_mark(text, strlen(text));
}
