/*
** Bytes as requests, for any allocator: fuzz/alike.c makes them to a heap, and
** bindings/python/stream.c makes the same ones to the allocator of a live
** CPython.
**
** A request begins with a byte: its lowest three bits say what to do, the others
** are a number k from 0 to 31. Bytes behind it choose a size or a block. Many
** blocks at once are up to a thousand, and up to four thousand new ones, because
** arenas fill up and empty only with thousands of blocks.
*/
#ifndef STREAM_H
#define STREAM_H

#include "input.h"

#define STREAM_BLOCKS 65536u    /* at one time */
#define STREAM_MANY_BYTES 1024u /* the largest block of which there are many */

struct stream {
  void *(*malloc)(void *context, size_t bytes);
  void *(*calloc)(void *context, size_t count, size_t bytes);
  void *(*realloc)(void *context, void *block, size_t bytes);
  void (*free)(void *context, void *block);
  void *context;
  size_t count; /* of the live blocks */
  uint64_t requests;
  void *blocks[STREAM_BLOCKS];
};

/* Sizes of both sides of the threshold, raw ones, and some near SIZE_MAX. */
static inline size_t stream_size(struct input *input)
{
  unsigned word = input_word(input);
  if (word >= 0xfff8)
    return SIZE_MAX - (word & 7);
  return word >= 0xf800 ? word : word % 560;
}

static inline void stream_keep(struct stream *stream, void *block)
{
  stream->requests++;
  if (block != NULL)
    stream->blocks[stream->count++] = block;
}

static inline void stream_malloc(struct stream *stream, size_t many,
                                 size_t bytes)
{
  if (bytes > STREAM_MANY_BYTES)
    many = 1;
  for (; many > 0 && stream->count < STREAM_BLOCKS; many--)
    stream_keep(stream, stream->malloc(stream->context, bytes));
}

static inline void stream_calloc(struct stream *stream, size_t count,
                                 size_t bytes)
{
  if (stream->count < STREAM_BLOCKS)
    stream_keep(stream, stream->calloc(stream->context, count, bytes));
}

/* Resizes blocks from one on. */
static inline void stream_realloc(struct stream *stream, size_t many,
                                  size_t from, size_t bytes)
{
  if (bytes > STREAM_MANY_BYTES)
    many = 1;
  for (size_t i = from; many > 0 && i < stream->count; i++, many--) {
    void *moved = stream->realloc(stream->context, stream->blocks[i], bytes);
    stream->requests++;
    if (moved != NULL)
      stream->blocks[i] = moved;
  }
}

/* Frees blocks from one on, of each 'step' one. The newest ones move there. */
static inline void stream_free(struct stream *stream, size_t many, size_t from,
                               size_t step)
{
  for (size_t i = from; many > 0 && i < stream->count; i += step, many--) {
    stream->free(stream->context, stream->blocks[i]);
    stream->requests++;
    stream->blocks[i] = stream->blocks[--stream->count];
  }
}

static inline void stream_free_newest(struct stream *stream, size_t many)
{
  for (; many > 0 && stream->count > 0; many--) {
    stream->free(stream->context, stream->blocks[--stream->count]);
    stream->requests++;
  }
}

static inline size_t stream_choose(const struct stream *stream,
                                   struct input *input)
{
  size_t word = input_word(input);
  return stream->count == 0 ? 0 : word % stream->count;
}

/* Makes one request, or many alike. */
static inline void stream_step(struct stream *stream, struct input *input)
{
  uint8_t op = input_byte(input);
  size_t k = op >> 3, many = (k + 1) * (k + 1), from;
  switch (op & 7) {
  case 0:
    stream_malloc(stream, 1, stream_size(input));
    break;
  case 1:
    stream_malloc(stream, 4 * many, stream_size(input));
    break;
  case 2:
    stream_calloc(stream, k + 1, stream_size(input));
    break;
  case 3:
    from = stream_choose(stream, input);
    stream_realloc(stream, 1, from, stream_size(input));
    break;
  case 4:
    from = stream_choose(stream, input);
    stream_realloc(stream, many, from, stream_size(input));
    break;
  case 5:
    stream_free(stream, 1, stream_choose(stream, input), 1);
    break;
  case 6:
    from = stream_choose(stream, input);
    stream_free(stream, many, from, input_byte(input) % 8 + 1u);
    break;
  default:
    stream_free_newest(stream, many);
    break;
  }
}

#endif
