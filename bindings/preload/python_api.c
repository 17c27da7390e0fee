#define _GNU_SOURCE

#include "python_api.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_MINOR 7

struct python_api python_api;

/* C has no conversion from the void * of dlsym to a pointer to a function. */
#define LOOK_UP(field, name) \
  (*(void **)&python_api.field = dlsym(RTLD_DEFAULT, (name)))

/* The layouts are not those of a build with Py_DEBUG, which has this symbol. */
static bool is_debug_build(void)
{
  return dlsym(RTLD_DEFAULT, "_Py_NegativeRefcount") != NULL;
}

static void look_up_stacks(void)
{
  LOOK_UP(line_of, "PyCode_Addr2Line");
  LOOK_UP(code_type, "PyCode_Type");
  LOOK_UP(line_from, "_PyCode_CheckLineNumber");
  if (python_api.get_thread != NULL && python_api.line_of != NULL &&
      python_api.code_type != NULL && !is_debug_build())
    python_api.layout = layout_of(python_api.minor);
}

static void look_up_interpreters(void)
{
  LOOK_UP(main_interpreter, "PyInterpreterState_Main");
  LOOK_UP(interpreter_id, "PyInterpreterState_GetID");
  LOOK_UP(has_feature, "_PyInterpreterState_HasFeature"); /* 3.12 */
  LOOK_UP(runtime, "_PyRuntime");
  LOOK_UP(get_thread, "_PyThreadState_UncheckedGet"); /* 3.7 to 3.12 */
  if (python_api.get_thread == NULL)
    LOOK_UP(get_thread, "PyThreadState_GetUnchecked");
}

static void read_version(void)
{
  char *end;
  unsigned long major = strtoul(python_api.version, &end, 10);
  python_api.minor = *end == '.' ? (unsigned)strtoul(end + 1, NULL, 10) : 0;
  python_api.is_free_threaded =
      strstr(python_api.version, "free-threading build") != NULL;
  python_api.is_recordable = major == 3 && python_api.minor >= FIRST_MINOR &&
                             !python_api.is_free_threaded &&
                             python_api.get_allocator != NULL &&
                             python_api.set_allocator != NULL;
}

bool python_api_open(void)
{
  const char *(*get_version)(void);
  *(void **)&get_version = dlsym(RTLD_DEFAULT, "Py_GetVersion");
  if (get_version == NULL)
    return false;
  python_api.version = get_version();
  LOOK_UP(get_allocator, "PyMem_GetAllocator");
  LOOK_UP(set_allocator, "PyMem_SetAllocator");
  LOOK_UP(get_arena_source, "PyObject_GetArenaAllocator");
  LOOK_UP(set_arena_source, "PyObject_SetArenaAllocator");
  look_up_interpreters();
  read_version();
  look_up_stacks();
  return true;
}
