/*
** pymalloc-python [ARGUMENTS OF python3]: CPython hosted from its first object
** on until its end, and its children with it, as sys.executable is this.
**
** PYMALLOC_HOST in the environment, words separated by commas:
**
**   off      hosts nothing: the same program on CPython's own allocator
**   count    counts requests
**   retain=N keeps N bytes of released arenas, for the next ones
**   cache=N  keeps N bytes of free blocks per size class, above the heap
**   report   says at the end what is left, on stderr; or report=FILE, as the
**            last word: at the end of that file, where children say it too
*/
#include <Python.h>

#include <stdlib.h>

#include "host.h"
#include "hostmodule.h"
#include "exit_report.h"

/* The word's place in PYMALLOC_HOST, or NULL. */
static const char *find_word(const char *word)
{
  const char *words = getenv("PYMALLOC_HOST");
  size_t bytes = strlen(word);
  while (words != NULL && *words != '\0') {
    size_t length = strcspn(words, ",");
    if (strcspn(words, "=,") == bytes && memcmp(words, word, bytes) == 0)
      return words;
    words += length + (words[length] == ',');
  }
  return NULL;
}

static bool is_asked(const char *word)
{
  return find_word(word) != NULL;
}

/* What stands behind a word and '='; NULL: nothing. */
static const char *find_value(const char *word)
{
  const char *found = find_word(word);
  bool has_value = found != NULL && found[strlen(word)] == '=';
  return has_value ? found + strlen(word) + 1 : NULL;
}

/* The number behind a word and '=', or what is given for want of one. */
static size_t find_number(const char *word, size_t otherwise)
{
  const char *value = find_value(word);
  return value != NULL ? strtoull(value, NULL, 10) : otherwise;
}

static pym_options read_options(void)
{
  pym_options options = host_options();
  options.retain_bytes = find_number("retain", options.retain_bytes);
  options.cache_bytes = find_number("cache", options.cache_bytes);
  return options;
}

/* Settles which allocators PYTHONMALLOC and -X dev put below us. */
static void settle_allocators(int argc, char **argv)
{
  PyPreConfig config;
  PyPreConfig_InitPythonConfig(&config);
  PyStatus status = Py_PreInitializeFromBytesArgs(&config, argc, argv);
  if (PyStatus_Exception(status))
    Py_ExitStatusException(status);
}

int main(int argc, char **argv)
{
  settle_allocators(argc, argv);
  if (!is_asked("off")) {
    const char *why = host_install(read_options(), is_asked("count"));
    if (why != NULL) {
      fprintf(stderr, "pymalloc-python: %s\n", why);
      return 1;
    }
  }
  if (is_asked("report"))
    exit_report_register(find_value("report"));
  if (PyImport_AppendInittab("_pymalloc_host", PyInit__pymalloc_host) != 0)
    return 1;
  return Py_BytesMain(argc, argv);
}
