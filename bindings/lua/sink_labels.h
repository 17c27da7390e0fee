/*
** The texts of the frames of a heaptrack file: the file defines a frame once and
** names it by its number.
*/
#ifndef SINK_LABELS_H
#define SINK_LABELS_H

#include "trace_writer.h"

struct sink_labels {
  char *bytes; /* of all texts, one behind the other */
  size_t *ends;
  size_t count, capacity, bytes_capacity;
};

/* Adds a text, which gets the next number, from 1 on. false: there is no memory. */
bool sink_labels_add(struct sink_labels *labels, const char *text,
                     size_t bytes);

/*
** Defines the site of a frame: its text is the one with this number, or the
** number itself. A parent that is not defined is none.
*/
uint32_t sink_labels_site(const struct sink_labels *labels,
                          struct trace_writer *writer, uint64_t parent,
                          uint64_t number);

void sink_labels_close(struct sink_labels *labels);

#endif
