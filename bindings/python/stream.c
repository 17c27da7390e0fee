/*
** A library that a CPython loads with ctypes: bytes as requests to its own
** allocator. bindings/python/stream.py calls it, for script/fuzz-live.
*/
#include "../../fuzz/stream.h"

/* Of CPython. */
extern void *PyObject_Malloc(size_t bytes) __attribute__((weak));
extern void *PyObject_Calloc(size_t count, size_t bytes) __attribute__((weak));
extern void *PyObject_Realloc(void *block, size_t bytes) __attribute__((weak));
extern void PyObject_Free(void *block) __attribute__((weak));

PYM_API uint64_t pymalloc_stream(const uint8_t *bytes, size_t count);

static void *object_malloc(void *context, size_t bytes)
{
  (void)context;
  return PyObject_Malloc(bytes);
}

static void *object_calloc(void *context, size_t count, size_t bytes)
{
  (void)context;
  return PyObject_Calloc(count, bytes);
}

static void *object_realloc(void *context, void *block, size_t bytes)
{
  (void)context;
  return PyObject_Realloc(block, bytes);
}

static void object_free(void *context, void *block)
{
  (void)context;
  PyObject_Free(block);
}

/*
** Makes the requests of an input, whose first byte says whether its blocks stay
** live for the next inputs. Returns the number of requests. The caller has the GIL.
*/
uint64_t pymalloc_stream(const uint8_t *bytes, size_t count)
{
  static struct stream stream = {.malloc = object_malloc,
                                 .calloc = object_calloc,
                                 .realloc = object_realloc,
                                 .free = object_free};
  struct input input = {bytes, count};
  uint8_t flags = input_byte(&input);
  uint64_t before = stream.requests;
  while (input.left > 0)
    stream_step(&stream, &input);
  if ((flags & 1) == 0)
    stream_free_newest(&stream, STREAM_BLOCKS);
  return stream.requests - before;
}
