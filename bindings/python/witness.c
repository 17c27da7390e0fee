/*
** A library to be preloaded into a CPython of version 3.6 or later, and with
** witness_two.c into a CPython 2.7. It records
** each request of its object and memory domains to its own allocator, with the
** place of each block, from before the interpreter starts until after it ends.
** A program that is not a CPython runs as if it were not there. The
** environment:
**
**   PYMALLOC_WITNESS=FILE      the record, which pymalloc-verify reads
**   PYMALLOC_WITNESS_OFFSET=N  by which arenas miss the alignment of pools; 0. If
**                              it is 'mapped', arenas lie where CPython maps them
**   PYMALLOC_WITNESS_MARKS=N   requests from one mark to the next; 50000
*/
#include "witness_record.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

/* Of CPython. */
extern const char *Py_GetVersion(void) __attribute__((weak));
extern void *_PyThreadState_UncheckedGet(void) __attribute__((weak));
extern void *PyThreadState_GetUnchecked(void) __attribute__((weak));

/* A forked child is not recorded: it would write into the same record. */
static void in_child(void)
{
  if (record.file != NULL)
    __fpurge(record.file);
  record.file = NULL;
}

/* From 3.12 on the report is that of the interpreter of the thread. */
static bool can_report(void)
{
  if (!real_has_report())
    return false;
  if (strtoul(record.version + strlen("3."), NULL, 10) < 12)
    return true;
  return PyThreadState_GetUnchecked != NULL
             ? PyThreadState_GetUnchecked() != NULL
             : _PyThreadState_UncheckedGet() != NULL;
}

static void finish(void)
{
  if (record.file == NULL)
    return;
  if (record.has_head)
    record_mark(can_report());
  fprintf(record.file, "#. %" PRIu64 "\n", record.requests);
  if (fclose(record.file) != 0)
    record_fail("writing");
  record.file = NULL;
}

static uint64_t number(const char *name, uint64_t otherwise)
{
  const char *text = getenv(name);
  return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* "3.11.2" of "3.11.2 (main, Nov 30 2024, ...". */
static const char *version(void)
{
  static char text[16];
  const char *whole = Py_GetVersion();
  size_t bytes = strspn(whole, "0123456789.");
  if (bytes >= sizeof text)
    return NULL;
  memcpy(text, whole, bytes);
  return text;
}

static bool open_arenas(const pym_geometry *geometry)
{
  struct arenas *arenas = &record.real.arenas;
  const char *offset = getenv("PYMALLOC_WITNESS_OFFSET");
  bool is_mixed = offset != NULL && strcmp(offset, "mapped") == 0;
  bool is_open = arenas_open(
      arenas, geometry->arena_bytes, geometry->pool_bytes,
      is_mixed ? SIZE_MAX : (size_t)number("PYMALLOC_WITNESS_OFFSET", 0));
  arenas->is_mixed = is_mixed;
  return is_open;
}

static bool open_record(const char *path)
{
  const pym_profile *profile = NULL;
  record.version = version();
  record.marks_every = number("PYMALLOC_WITNESS_MARKS", 50000);
  if (record.version != NULL)
    profile = pym_profile_find(record.version);
  if (profile == NULL) {
    errno = ENOTSUP;
    record_fail("the version of CPython");
  }
  record.alignment = profile->geometry.alignment;
  record.file = fopen(path, "we");
  if (record.file == NULL)
    record_fail(path);
  setvbuf(record.file, NULL, _IOFBF, 1 << 20);
  return idmap_open(&record.ids) && open_arenas(&profile->geometry);
}

/* So that child processes are not recorded, and CPython's allocator serves. */
static void clean_environment(void)
{
  (void)unsetenv("LD_PRELOAD");
  (void)unsetenv("PYMALLOC_WITNESS");
  (void)unsetenv("PYTHONMALLOC");
  (void)unsetenv("PYTHONDEVMODE");
}

__attribute__((constructor)) static void start(void)
{
  const char *path = getenv("PYMALLOC_WITNESS");
  if (path == NULL || Py_GetVersion == NULL)
    return;
  if (!open_record(path))
    record_fail("memory");
  clean_environment();
  if (pthread_atfork(NULL, NULL, in_child) != 0 || atexit(finish) != 0)
    record_fail("handlers");
  record_requests();
}
