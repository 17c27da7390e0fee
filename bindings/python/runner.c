/*
** pymalloc-python [ARGUMENTS OF python3]: CPython hosted from its first object
** on until its end, and its children with it, as sys.executable is this.
**
** PYMALLOC_HOST in the environment, words separated by commas:
**
**   off      hosts nothing: the same program on CPython's own allocator
**   count    counts requests
**   report   says at the end what is left, on stderr
*/
#include <Python.h>

#include <stdlib.h>

#include "host.h"
#include "hostmodule.h"

static bool is_asked(const char *word)
{
  const char *words = getenv("PYMALLOC_HOST");
  size_t bytes = strlen(word);
  while (words != NULL && *words != '\0') {
    size_t length = strcspn(words, ",");
    if (length == bytes && memcmp(words, word, bytes) == 0)
      return true;
    words += length + (words[length] == ',');
  }
  return false;
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
  pym_options options = pym_options_default();
  options.geometry = pym_profile_find("3.11")->geometry;
  settle_allocators(argc, argv);
  if (!is_asked("off")) {
    const char *why = host_install(options, is_asked("count"));
    if (why != NULL) {
      fprintf(stderr, "pymalloc-python: %s\n", why);
      return 1;
    }
  }
  if (is_asked("report"))
    host_report_at_exit();
  if (PyImport_AppendInittab("_pymalloc_host", PyInit__pymalloc_host) != 0)
    return 1;
  return Py_BytesMain(argc, argv);
}
