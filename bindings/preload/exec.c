/*
** The functions of the exec family: each writes to the log which program is to
** replace the recorded one. If the new program is recorded, it begins the log
** again, without that path. So a path that is in the log at the end names a
** program that could not be recorded.
**
** The C library's functions do not call each other through the dynamic linker,
** so each function of the family is defined here.
*/
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "writer.h"

#define EXPORT __attribute__((visibility("default")))

typedef int by_path(const char *, char *const[], char *const[]);
typedef int by_folder(int, const char *, char *const[], char *const[], int);
typedef int by_file(int, char *const[], char *const[]);

/* The functions of the C library. */
static by_path *next_execve, *next_execvpe;
static by_folder *next_execveat;
static by_file *next_fexecve;

/*
** Looked up at the start: a forked child of a program with threads may not call
** dlsym. C has no conversion of its result to a pointer to a function.
*/
__attribute__((constructor)) static void find(void)
{
  *(void **)&next_execve = dlsym(RTLD_NEXT, "execve");
  *(void **)&next_execvpe = dlsym(RTLD_NEXT, "execvpe");
  *(void **)&next_execveat = dlsym(RTLD_NEXT, "execveat");
  *(void **)&next_fexecve = dlsym(RTLD_NEXT, "fexecve");
  (void)dlerror(); /* clears it: the program must not see our error */
}

/* An exec function returns only if it has failed. */
static int failed(int result)
{
  writer_replaced_by("");
  return result;
}

EXPORT int execve(const char *path, char *const arguments[],
                  char *const environment[])
{
  if (next_execve == NULL)
    find();
  writer_replaced_by(path);
  return failed(next_execve(path, arguments, environment));
}

EXPORT int execvpe(const char *file, char *const arguments[],
                   char *const environment[])
{
  if (next_execvpe == NULL)
    find();
  writer_replaced_by(file);
  return failed(next_execvpe(file, arguments, environment));
}

EXPORT int execv(const char *path, char *const arguments[])
{
  return execve(path, arguments, environ);
}

EXPORT int execvp(const char *file, char *const arguments[])
{
  return execvpe(file, arguments, environ);
}

EXPORT int fexecve(int fd, char *const arguments[], char *const environment[])
{
  char link[sizeof "/proc/self/fd/" + 3 * sizeof fd];
  char path[LOG_PATH_BYTES] = "";
  if (next_fexecve == NULL)
    find();
  (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  (void)readlink(link, path, sizeof path - 1);
  writer_replaced_by(path[0] == '\0' ? link : path);
  return failed(next_fexecve(fd, arguments, environment));
}

/* The C library has it since version 2.34. */
EXPORT int execveat(int folder, const char *path, char *const arguments[],
                    char *const environment[], int flags)
{
  if (next_execveat == NULL) {
    errno = ENOSYS;
    return -1;
  }
  writer_replaced_by(path);
  return failed(next_execveat(folder, path, arguments, environment, flags));
}

/*
** {==================================================================
** The arguments as parameters, up to NULL
** ===================================================================
*/

/* The number of the parameters from 'first' on, including the final NULL. */
static size_t count(const char *first, va_list *rest)
{
  size_t number = 1;
  for (; first != NULL; first = va_arg(*rest, const char *))
    number++;
  return number;
}

static void collect(char **arguments, const char *first, va_list *rest)
{
  *arguments = (char *)(uintptr_t)first;
  while (*arguments != NULL)
    *++arguments = va_arg(*rest, char *);
}

static int replace(by_path *function, const char *path, const char *first,
                   va_list *rest, bool has_environment)
{
  va_list ahead;
  va_copy(ahead, *rest);
  size_t number = count(first, &ahead);
  va_end(ahead);
  char *arguments[number];
  collect(arguments, first, rest);
  char **environment = has_environment ? va_arg(*rest, char **) : environ;
  return function(path, arguments, environment);
}

EXPORT int execl(const char *path, const char *first, ...)
{
  va_list rest;
  va_start(rest, first);
  int result = replace(execve, path, first, &rest, false);
  va_end(rest);
  return result;
}

EXPORT int execlp(const char *file, const char *first, ...)
{
  va_list rest;
  va_start(rest, first);
  int result = replace(execvpe, file, first, &rest, false);
  va_end(rest);
  return result;
}

EXPORT int execle(const char *path, const char *first, ...)
{
  va_list rest;
  va_start(rest, first);
  int result = replace(execve, path, first, &rest, true);
  va_end(rest);
  return result;
}

/* }================================================================== */
