#include "sink_labels.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for 'wanted' elements. false: there is no memory. */
static bool reserve(void *array, size_t *capacity, size_t wanted,
                    size_t element_bytes)
{
  void **elements = array;
  size_t more = *capacity + *capacity / 2 + 16;
  if (wanted <= *capacity)
    return true;
  more = more < wanted ? wanted : more;
  void *grown = realloc(*elements, more * element_bytes);
  if (grown == NULL)
    return false;
  *elements = grown;
  *capacity = more;
  return true;
}

static size_t begin_of(const struct sink_labels *labels, size_t number)
{
  return number == 1 ? 0 : labels->ends[number - 2];
}

bool sink_labels_add(struct sink_labels *labels, const char *text, size_t bytes)
{
  size_t at = begin_of(labels, labels->count + 1);
  if (!reserve(&labels->ends, &labels->capacity, labels->count + 1,
               sizeof labels->ends[0]) ||
      !reserve(&labels->bytes, &labels->bytes_capacity, at + bytes, 1))
    return false;
  memcpy(labels->bytes + at, text, bytes);
  labels->ends[labels->count++] = at + bytes;
  return true;
}

uint32_t sink_labels_site(const struct sink_labels *labels,
                          struct trace_writer *writer, uint64_t parent,
                          uint64_t number)
{
  char digits[24];
  uint32_t caller = parent > writer->sites ? 0 : (uint32_t)parent;
  if (number == 0 || number > labels->count) {
    int bytes = snprintf(digits, sizeof digits, "0x%" PRIx64, number);
    return trace_put_site(writer, caller, digits, (size_t)bytes);
  }
  size_t begin = begin_of(labels, (size_t)number);
  return trace_put_site(writer, caller, labels->bytes + begin,
                        labels->ends[number - 1] - begin);
}

void sink_labels_close(struct sink_labels *labels)
{
  free(labels->bytes);
  free(labels->ends);
  *labels = (struct sink_labels){0};
}
