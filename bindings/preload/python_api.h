/*
** What the recorder uses of the CPython that it is in, looked up by name.
*/
#ifndef PYTHON_API_H
#define PYTHON_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../python/domains.h"
#include "python_layout.h"

/* PyObjectArenaAllocator, as in Python's headers. */
struct arena_source {
  void *context;
  void *(*alloc)(void *context, size_t bytes);
  void (*free)(void *context, void *arena, size_t bytes);
};

struct python_api {
  const char *version;   /* "3.11.2 (main, Nov 30 2024, ..." */
  unsigned minor;        /* 11 */
  bool is_free_threaded; /* mimalloc serves its objects, not pymalloc */
  bool is_recordable;    /* 3.7 or later, and not free-threaded */

  void (*get_allocator)(int domain, struct allocator *allocator);
  void (*set_allocator)(int domain, const struct allocator *allocator);

  void (*get_arena_source)(struct arena_source *source);
  void (*set_arena_source)(const struct arena_source *source);

  /* the current PyThreadState, or NULL */
  const void *(*get_thread)(void);

  /* of a PyInterpreterState */
  const void *(*main_interpreter)(void);
  int64_t (*interpreter_id)(const void *interpreter);
  int (*has_feature)(const void *interpreter, unsigned long feature);
  const void *runtime; /* _PyRuntime */

  /* of a PyCodeObject */
  int (*line_of)(const void *code, int bytecode_offset);
  const void *code_type;                              /* PyCode_Type */
  int (*line_from)(int bytecode_offset, void *range); /* NULL before 3.10 */

  const struct layout *layout; /* NULL: it is not known */
};
extern struct python_api python_api __attribute__((visibility("hidden")));

/* Looks everything up. false: this is not a CPython. */
bool python_api_open(void);

#endif
