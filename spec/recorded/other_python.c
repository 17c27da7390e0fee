/*
** A program for record_python_kinds_spec.lua: it has the functions by which the
** recorder knows a CPython, of the version that VERSION says, and allocates one
** object.
*/
#include <stddef.h>
#include <stdlib.h>

struct allocator {
  void *context;
  void *(*malloc)(void *, size_t);
  void *(*calloc)(void *, size_t, size_t);
  void *(*realloc)(void *, void *, size_t);
  void (*free)(void *, void *);
};

const char *Py_GetVersion(void);
void PyMem_GetAllocator(int domain, struct allocator *allocator);
void PyMem_SetAllocator(int domain, const struct allocator *allocator);
void *_PyThreadState_UncheckedGet(void);
int PyCode_Addr2Line(void *code, int offset);
extern int PyCode_Type;

int PyCode_Type;

static void *serve(void *context, size_t bytes)
{
  (void)context;
  return malloc(bytes);
}

static struct allocator all[3] = {
    {.malloc = serve}, {.malloc = serve}, {.malloc = serve}};

const char *Py_GetVersion(void)
{
  return VERSION;
}

void PyMem_GetAllocator(int domain, struct allocator *allocator)
{
  *allocator = all[domain];
}

void PyMem_SetAllocator(int domain, const struct allocator *allocator)
{
  all[domain] = *allocator;
}

/* Not called: there are no frames that the recorder could read. */
void *_PyThreadState_UncheckedGet(void)
{
  abort();
}

int PyCode_Addr2Line(void *code, int offset)
{
  (void)code;
  (void)offset;
  abort();
}

int main(void)
{
  return all[2].malloc(all[2].context, 24) == NULL;
}
