#include "trace/placement.h"

#include "base/digits.h"

/* Five numbers of 20 digits, and the characters between them. */
#define LINE_BYTES_MAX 112u

static char *put_string(char *at, const char *string)
{
  while (*string != '\0')
    *at++ = *string++;
  return at;
}

/* The block is known to be live, so its place follows from its address. */
static char *put_small(char *at, const pym_heap *heap, const void *served)
{
  const pym_geometry *geometry = &heap->geometry;
  size_t offset =
      ((uintptr_t)served - heap->base) & (geometry->arena_bytes - 1);
  size_t in_pool = offset & (geometry->pool_bytes - 1);
  assert(heap_find_pool(heap, served) != NULL);
  assert(in_pool >= geometry_header_bytes(geometry));
  at = put_number(at, heap_slot_of(heap, served));
  *at++ = ':';
  at = put_number(at, offset - in_pool - geometry_first_pool(geometry));
  *at++ = ':';
  return put_number(at, in_pool);
}

static char *put_location(char *at, const pym_heap *heap,
                          enum trace_letter letter, const void *served)
{
  if (letter == TRACE_FREE)
    return put_string(at, "-");
  if (served == NULL)
    return put_string(at, "NULL");
  if (!heap_owns(heap, served))
    return put_string(at, "L");
  return put_small(at, heap, served);
}

void placement_write(struct writer *writer, const pym_heap *heap, uint64_t opno,
                     const struct trace_op *op, const void *served)
{
  assert(trace_is_request(op->letter));
  char *at = writer_reserve(writer, LINE_BYTES_MAX);
  at = put_number(at, opno);
  *at++ = ' ';
  *at++ = (char)op->letter;
  *at++ = ' ';
  at = put_number(at, op->id);
  *at++ = ' ';
  at = put_location(at, heap, op->letter, served);
  *at++ = '\n';
  writer_commit(writer, at);
}
