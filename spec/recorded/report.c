/*
** A library for record_interpreter_spec.lua: writes the report of the recorded
** CPython that it is loaded into. CPython makes it only where its own allocators
** are set, so these are set meanwhile; nothing is requested in between.
*/
#include <stdio.h>

struct allocator {
  void *context; /* of the recorder: CPython's own allocator */
  void *functions[4];
};

void PyMem_GetAllocator(int domain, struct allocator *allocator);
void PyMem_SetAllocator(int domain, struct allocator *allocator);
int _PyObject_DebugMallocStats(FILE *out);
void pymalloc_mark(const char *text);

int report(const char *path);

int report(const char *path)
{
  struct allocator recorders[2];
  FILE *out = fopen(path, "w");
  for (int domain = 1; domain <= 2; domain++) {
    PyMem_GetAllocator(domain, &recorders[domain - 1]);
    PyMem_SetAllocator(domain, recorders[domain - 1].context);
  }
  int is_made = out != NULL && _PyObject_DebugMallocStats(out);
  for (int domain = 1; domain <= 2; domain++)
    PyMem_SetAllocator(domain, &recorders[domain - 1]);
  pymalloc_mark("report");
  return out != NULL && fclose(out) == 0 && is_made;
}
