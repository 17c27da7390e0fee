/*
** pymalloc-python [ARGUMENTS OF python3]: runs a CPython that is hosted from
** its first object to its end. The Pythons that it starts are hosted too,
** because sys.executable is this program.
**
** The environment variable PYMALLOC_HOST holds words separated by commas:
**
**   off      hosts nothing: the same program on CPython's own allocator
**   count    counts requests
**   retain=N retains N bytes of released arenas for the next ones
**   cache=N  keeps up to N bytes of free blocks per size class in a cache
**   report   writes a line about the heap to stderr at the end; report=FILE,
**            which must be the last word, adds the line to FILE, as the Pythons
**            do that this one starts
*/
#include <Python.h>

#include <stdlib.h>

#include "host.h"
#include "hostmodule.h"
#include "exit_report.h"

/* The place of a word in PYMALLOC_HOST, or NULL. */
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

/* The text behind a word and '=', or NULL. */
static const char *find_value(const char *word)
{
  const char *found = find_word(word);
  bool has_value = found != NULL && found[strlen(word)] == '=';
  return has_value ? found + strlen(word) + 1 : NULL;
}

/* The number behind a word and '='; 'otherwise' if there is none. */
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

/* Makes CPython set the allocators that PYTHONMALLOC and -X dev ask for. */
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
