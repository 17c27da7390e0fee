/*
** The main program of CPython 3.6 puts its own allocators back after libraries
** have been loaded, so that the witness would record nothing. Instead of it,
** this file starts an interpreter as a program that embeds CPython does.
*/
#include "witness_record.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* Of CPython. */
extern void Py_Initialize(void) __attribute__((weak));
extern int Py_FinalizeEx(void) __attribute__((weak));
extern wchar_t *Py_DecodeLocale(const char *text, size_t *bytes)
    __attribute__((weak));
extern void Py_SetProgramName(wchar_t *name) __attribute__((weak));
extern void PySys_SetArgv(int count, wchar_t **words) __attribute__((weak));
extern int PyRun_SimpleString(const char *source) __attribute__((weak));

typedef int main_function(int argc, char **argv, char **environment);
typedef int start_function(main_function *main, int argc, char **argv,
                           void (*init)(void), void (*fini)(void),
                           void (*unload)(void), void *stack_end);

extern start_function __libc_start_main __attribute__((visibility("default")));

/* Runs a script, or what follows -c or -m, as CPython's main program does. */
static const char run_words[] =
    "import sys, runpy\n"
    "how = sys.argv.pop(0) if sys.argv[0] in ('-c', '-m') else ''\n"
    "if how == '-c':\n"
    "    source, sys.argv[0] = sys.argv[0], '-c'\n"
    "    exec(compile(source, '<string>', 'exec'), {'__name__': '__main__'})\n"
    "elif how == '-m':\n"
    "    runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)\n"
    "else:\n"
    "    runpy.run_path(sys.argv[0], run_name='__main__')\n";

static int embedding_main(int argc, char **argv, char **environment)
{
  wchar_t **words = calloc((size_t)argc + 1, sizeof *words);
  (void)environment;
  if (words == NULL || argc < 2)
    return 2;
  for (int i = 0; i < argc; i++)
    words[i] = Py_DecodeLocale(argv[i], NULL);
  Py_SetProgramName(words[0]);
  Py_Initialize();
  PySys_SetArgv(argc - 1, words + 1);
  int status = PyRun_SimpleString(run_words);
  return Py_FinalizeEx() < 0 || status != 0;
}

static bool is_3_6(void)
{
  return record.file != NULL && strncmp(record.version, "3.6.", 4) == 0;
}

/* The C library's function that a program begins with. */
int __libc_start_main(main_function *main, int argc, char **argv,
                      void (*init)(void), void (*fini)(void),
                      void (*unload)(void), void *stack_end)
{
  start_function *next;
  *(void **)&next = dlsym(RTLD_NEXT, "__libc_start_main");
  return next(is_3_6() ? embedding_main : main, argc, argv, init, fini, unload,
              stack_end);
}
