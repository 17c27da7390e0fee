#include <Python.h>

#include "owner.h"

#include <stdlib.h>

/* Exported, and declared in internal headers of CPython alone. */
extern const char *_PyMem_GetCurrentAllocatorName(void);
extern int _PyMem_SetDefaultAllocator(PyMemAllocatorDomain domain,
                                      PyMemAllocatorEx *old);
/* Of pymalloc, those too large for its pools as well. Not in every version. */
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

static pym_raw libc_owner(void)
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

/* CPython's own pymalloc, bare of hooks. */
static PyMemAllocatorEx bare_pymalloc(void)
{
  PyMemAllocatorEx hooked, bare;
  (void)_PyMem_SetDefaultAllocator(PYMEM_DOMAIN_OBJ, &hooked);
  PyMem_GetAllocator(PYMEM_DOMAIN_OBJ, &bare);
  PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &hooked);
  return bare;
}

/* Will no block of pymalloc ever come back? */
static bool has_no_blocks(void)
{
  return _Py_GetAllocatedBlocks != NULL && _Py_GetAllocatedBlocks() == 0;
}

static pym_raw pymalloc_owner(void)
{
  pym_raw owner = {.malloc = domain_malloc,
                   .calloc = domain_calloc,
                   .realloc = domain_realloc,
                   .free = domain_free};
  if (has_no_blocks())
    return owner;
  PyMemAllocatorEx pymalloc = bare_pymalloc();
  owner.context = pymalloc.ctx;
  owner.realloc = pymalloc.realloc;
  owner.free = pymalloc.free;
  return owner;
}

/* }================================================================== */

/* The allocator of both domains, or why there is none. */
static const char *current_owner(pym_raw *owner)
{
  PyMemAllocatorEx object, memory;
  PyMem_GetAllocator(PYMEM_DOMAIN_OBJ, &object);
  PyMem_GetAllocator(PYMEM_DOMAIN_MEM, &memory);
  if (object.malloc != memory.malloc || object.free != memory.free)
    return "the object and memory domains stand on different allocators";
  *owner = (pym_raw){.context = object.ctx,
                     .malloc = object.malloc,
                     .calloc = object.calloc,
                     .realloc = object.realloc,
                     .free = object.free};
  return NULL;
}

const char *owner_find(pym_raw *owner, bool *is_debug)
{
  const char *name = _PyMem_GetCurrentAllocatorName();
  *is_debug = name != NULL && strstr(name, "debug") != NULL;
  if (name != NULL && strncmp(name, "pymalloc", strlen("pymalloc")) == 0)
    *owner = pymalloc_owner();
  else if (*is_debug)
    *owner = libc_owner();
  else
    return current_owner(owner);
  return NULL;
}
