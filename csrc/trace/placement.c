#include "trace/placement.h"

/* Five numbers of 20 digits and what stands between them. */
#define LINE_BYTES_MAX 112u

static_assert(LINE_BYTES_MAX <= WRITER_BYTES, "a line fits into the buffer");

static unsigned digit_count(uint64_t number)
{
  unsigned count = 1;
  for (; number >= 10000; number /= 10000)
    count += 4;
  return count + (number >= 10) + (number >= 100) + (number >= 1000);
}

/* In place and two digits a step: millions of lines have five of them. */
static char *put_number(char *at, uint64_t number)
{
  char *end = at + digit_count(number);
  char *digit = end;
  for (; number >= 100; number /= 100) {
    unsigned pair = (unsigned)(number % 100);
    *--digit = (char)('0' + pair % 10);
    *--digit = (char)('0' + pair / 10);
  }
  if (number >= 10)
    *--digit = (char)('0' + number % 10);
  *at = (char)('0' + (number >= 10 ? number / 10 : number));
  return end;
}

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
  at = put_number(at, heap_slot_of(heap, served));
  *at++ = ':';
  at = put_number(at, offset - in_pool - geometry_first_pool(geometry));
  *at++ = ':';
  return put_number(at, in_pool);
}

static char *put_location(char *at, const pym_heap *heap, char letter,
                          const void *served)
{
  if (letter == 'f')
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
  if (WRITER_BYTES - writer->filled < LINE_BYTES_MAX)
    writer_close(writer);
  char *at = writer->text + writer->filled;
  at = put_number(at, opno);
  *at++ = ' ';
  *at++ = op->letter;
  *at++ = ' ';
  at = put_number(at, op->id);
  *at++ = ' ';
  at = put_location(at, heap, op->letter, served);
  *at++ = '\n';
  writer->filled = (size_t)(at - writer->text);
}
