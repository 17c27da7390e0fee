#include <Python.h>

#include "previous_allocator.h"

#include <stdlib.h>

/* CPython exports these, but declares them in internal headers only. */
extern const char *_PyMem_GetCurrentAllocatorName(void);
extern int _PyMem_SetDefaultAllocator(PyMemAllocatorDomain domain,
                                      PyMemAllocatorEx *old);
/*
** Counts pymalloc's blocks, with those of the raw domain. Some versions do not
** have it.
*/
extern Py_ssize_t _Py_GetAllocatedBlocks(void) __attribute__((weak));

/*
** {==================================================================
** The C library's allocator
** ===================================================================
*/

static void *libc_malloc(void *context, size_t bytes)
{
  (void)context;
  return malloc(bytes == 0 ? 1 : bytes);
}

static void *libc_calloc(void *context, size_t count, size_t bytes)
{
  bool is_empty = count == 0 || bytes == 0;
  (void)context;
  return is_empty ? calloc(1, 1) : calloc(count, bytes);
}

static void *libc_realloc(void *context, void *old, size_t bytes)
{
  (void)context;
  return realloc(old, bytes == 0 ? 1 : bytes);
}

static void libc_free(void *context, void *freed)
{
  (void)context;
  free(freed);
}

static pym_raw previous_libc(void)
{
  return (pym_raw){.malloc = libc_malloc,
                   .calloc = libc_calloc,
                   .realloc = libc_realloc,
                   .free = libc_free};
}

/* }================================================================== */

/*
** {==================================================================
** pymalloc
** ===================================================================
*/

static void *domain_malloc(void *context, size_t bytes)
{
  (void)context;
  return PyMem_RawMalloc(bytes);
}

static void *domain_calloc(void *context, size_t count, size_t bytes)
{
  (void)context;
  return PyMem_RawCalloc(count, bytes);
}

static void *domain_realloc(void *context, void *old, size_t bytes)
{
  (void)context;
  return PyMem_RawRealloc(old, bytes);
}

static void domain_free(void *context, void *freed)
{
  (void)context;
  PyMem_RawFree(freed);
}

/* CPython's own pymalloc without debug hooks. */
static PyMemAllocatorEx bare_pymalloc(void)
{
  PyMemAllocatorEx hooked, bare;
  (void)_PyMem_SetDefaultAllocator(PYMEM_DOMAIN_OBJ, &hooked);
  PyMem_GetAllocator(PYMEM_DOMAIN_OBJ, &bare);
  PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &hooked);
  return bare;
}

/* Has pymalloc no live block that could still be freed? */
static bool has_no_blocks(void)
{
  return _Py_GetAllocatedBlocks != NULL && _Py_GetAllocatedBlocks() == 0;
}

static pym_raw previous_pymalloc(void)
{
  pym_raw previous = {.malloc = domain_malloc,
                      .calloc = domain_calloc,
                      .realloc = domain_realloc,
                      .free = domain_free};
  if (has_no_blocks())
    return previous;
  PyMemAllocatorEx pymalloc = bare_pymalloc();
  return (pym_raw){.context = pymalloc.ctx,
                   .malloc = domain_malloc,
                   .calloc = domain_calloc,
                   .realloc = pymalloc.realloc,
                   .free = pymalloc.free};
}

/* }================================================================== */

/* Finds the allocator that both domains share. Returns NULL, or why not. */
static const char *previous_domains(pym_raw *previous)
{
  PyMemAllocatorEx object, memory;
  PyMem_GetAllocator(PYMEM_DOMAIN_OBJ, &object);
  PyMem_GetAllocator(PYMEM_DOMAIN_MEM, &memory);
  if (object.malloc != memory.malloc || object.free != memory.free)
    return "the object domain and the memory domain have different allocators";
  *previous = (pym_raw){.context = object.ctx,
                        .malloc = object.malloc,
                        .calloc = object.calloc,
                        .realloc = object.realloc,
                        .free = object.free};
  return NULL;
}

const char *previous_allocator_find(pym_raw *previous, bool *is_debug)
{
  const char *name = _PyMem_GetCurrentAllocatorName();
  *is_debug = name != NULL && strstr(name, "debug") != NULL;
  if (name != NULL && strncmp(name, "pymalloc", strlen("pymalloc")) == 0)
    *previous = previous_pymalloc();
  else if (*is_debug)
    *previous = previous_libc();
  else
    return previous_domains(previous);
  return NULL;
}
