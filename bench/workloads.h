/*
** The workloads, written once for all allocators. Each is a template: its
** argument is a constant 'struct allocator' of inline functions, which the
** compiler expands, so that each allocator is called as in a program that uses
** it.
**
** A workload returns the number of its operations: pairs of malloc and free,
** or reallocs, or list nodes. It writes to each new block, as a program would.
*/
#ifndef WORKLOADS_H
#define WORKLOADS_H

#include <stddef.h>
#include <stdint.h>

#include "trace/trace_op.h"

#define TEMPLATE static inline __attribute__((always_inline))

struct allocator {
  void *(*malloc)(size_t bytes);
  void (*free)(void *block, size_t bytes);
  void *(*realloc)(void *block, size_t old_bytes, size_t bytes);
};

/* A block that a workload holds. */
struct held {
  void *block;
  uint32_t bytes;
};

#define HELD_MAX 1000000u
#define SMALL_MAX 512u

/* One request of a trace; a calloc is stored as a malloc. */
struct request {
  enum trace_letter letter;
  uint32_t id;
  uint32_t bytes;
};

/* The requests of a recorded program. */
struct recording {
  struct request *requests;
  size_t request_count, id_count;
};

#define RECORDING_COUNT 2

/* The data that workloads use; made before any time is measured. */
struct bench_data {
  struct held *held; /* at least 4 * HELD_MAX, so that each id has one */
  uint32_t *order;   /* a random order of HELD_MAX numbers */
  struct recording recordings[RECORDING_COUNT]; /* json, startup */
};

extern struct bench_data bench_data;

/* A workload that calls these is timed only between the two calls. */
void bench_begin(void);
void bench_end(void);

/* A random number; a cheap generator, the same for all allocators. */
TEMPLATE uint32_t draw(uint32_t *state)
{
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

/* A random size from 1 to SMALL_MAX, uniformly distributed. */
TEMPLATE uint32_t draw_bytes(uint32_t *state)
{
  return draw(state) % SMALL_MAX + 1;
}

TEMPLATE void *make(const struct allocator *a, size_t bytes)
{
  volatile char *block = a->malloc(bytes);
  *block = 1;
  return (void *)block;
}

TEMPLATE void hold(const struct allocator *a, struct held *held, uint32_t bytes)
{
  held->block = make(a, bytes);
  held->bytes = bytes;
}

TEMPLATE void drop(const struct allocator *a, const struct held *held)
{
  a->free(held->block, held->bytes);
}

/* Allocates and frees one block repeatedly, while another block stays live. */
TEMPLATE size_t warm(const struct allocator *a, size_t pairs, size_t bytes)
{
  void *stays = make(a, bytes);
  for (size_t i = 0; i < pairs; i++)
    a->free(make(a, bytes), bytes);
  a->free(stays, bytes);
  return pairs;
}

/* Keeps 'live' blocks; each turn frees a random one and makes a new one. */
TEMPLATE size_t churn(const struct allocator *a, size_t pairs, uint32_t live)
{
  uint32_t state = 12345;
  struct held *held = bench_data.held;
  for (uint32_t i = 0; i < live; i++)
    hold(a, &held[i], draw_bytes(&state));
  for (size_t i = 0; i < pairs; i++) {
    uint32_t chosen = (uint32_t)((uint64_t)draw(&state) * live >> 24);
    drop(a, &held[chosen]);
    hold(a, &held[chosen], draw_bytes(&state));
  }
  for (uint32_t i = 0; i < live; i++)
    drop(a, &held[i]);
  return pairs + live;
}

/* Batches of blocks; the last block is freed first. 'bytes' 0: random sizes. */
TEMPLATE size_t stack(const struct allocator *a, size_t batches, uint32_t batch,
                      uint32_t bytes)
{
  uint32_t state = 12345;
  struct held *held = bench_data.held;
  for (size_t i = 0; i < batches; i++) {
    for (uint32_t k = 0; k < batch; k++)
      hold(a, &held[k], bytes != 0 ? bytes : draw_bytes(&state));
    for (uint32_t k = batch; k > 0; k--)
      drop(a, &held[k - 1]);
  }
  return batches * batch;
}

/* Batches of blocks; the first block is freed first. 'bytes' as for 'stack'. */
TEMPLATE size_t queue(const struct allocator *a, size_t batches, uint32_t batch,
                      uint32_t bytes)
{
  uint32_t state = 12345;
  struct held *held = bench_data.held;
  for (size_t i = 0; i < batches; i++) {
    for (uint32_t k = 0; k < batch; k++)
      hold(a, &held[k], bytes != 0 ? bytes : draw_bytes(&state));
    for (uint32_t k = 0; k < batch; k++)
      drop(a, &held[k]);
  }
  return batches * batch;
}

/* Allocates 'live' blocks of random sizes, then frees all in a random order. */
TEMPLATE size_t scatter(const struct allocator *a, uint32_t live)
{
  uint32_t state = 12345;
  struct held *held = bench_data.held;
  for (uint32_t i = 0; i < live; i++)
    hold(a, &held[i], draw_bytes(&state));
  for (uint32_t i = 0; i < HELD_MAX; i++)
    if (bench_data.order[i] < live)
      drop(a, &held[bench_data.order[i]]);
  return live;
}

/*
** Both allocate 'live' blocks of 64 bytes. grow_pairs times a million frees of
** a random block, each followed by a malloc. grow_frees times the frees of all
** blocks, in the worst order for pools of 63 blocks and arenas of 16 pools: the
** first pool of each arena, then the second pool of each arena, and so on, so
** that no arena is empty before the last round.
*/
TEMPLATE size_t grow_pairs(const struct allocator *a, size_t live)
{
  uint32_t state = 12345;
  struct held *held = bench_data.held;
  for (size_t i = 0; i < live; i++)
    hold(a, &held[i], 64);
  bench_begin();
  for (size_t i = 0; i < 1000000; i++) {
    size_t chosen = (uint64_t)draw(&state) * live >> 24;
    drop(a, &held[chosen]);
    hold(a, &held[chosen], 64);
  }
  bench_end();
  for (size_t i = 0; i < live; i++)
    drop(a, &held[i]);
  return 1000000;
}

TEMPLATE size_t grow_frees(const struct allocator *a, size_t live)
{
  struct held *held = bench_data.held;
  for (size_t i = 0; i < live; i++)
    hold(a, &held[i], 64);
  bench_begin();
  for (size_t pool = 0; pool < 16; pool++)
    for (size_t arena = 0; arena * 16 * 63 < live; arena++)
      for (size_t i = 0; i < 63; i++)
        if ((arena * 16 + pool) * 63 + i < live)
          drop(a, &held[(arena * 16 + pool) * 63 + i]);
  bench_end();
  return live;
}

/* Buffers whose size doubles by realloc, from 8 bytes to 'most'. */
TEMPLATE size_t doubling(const struct allocator *a, size_t buffers, size_t most)
{
  size_t count = 0;
  for (size_t i = 0; i < buffers; i++) {
    size_t bytes = 8;
    void *block = make(a, bytes);
    for (; bytes < most; bytes *= 2, count++)
      block = a->realloc(block, bytes, bytes * 2);
    a->free(block, bytes);
  }
  return count;
}

/* Buffers that realloc grows by 8 bytes at a time, up to 1 KiB. */
TEMPLATE size_t creeping(const struct allocator *a, size_t buffers)
{
  size_t count = 0;
  for (size_t i = 0; i < buffers; i++) {
    size_t bytes = 8;
    void *block = make(a, bytes);
    for (; bytes < 1024; bytes += 8, count++)
      block = a->realloc(block, bytes, bytes + 8);
    a->free(block, bytes);
  }
  return count;
}

struct node {
  struct node *next;
  uint64_t value[3];
};

/* Linked lists; each is built, traversed and freed. */
TEMPLATE size_t list(const struct allocator *a, size_t lists, size_t nodes)
{
  volatile uint64_t sum = 0;
  for (size_t i = 0; i < lists; i++) {
    struct node *first = NULL;
    for (size_t k = 0; k < nodes; k++) {
      struct node *node = a->malloc(sizeof *node);
      *node = (struct node){.next = first, .value = {k}};
      first = node;
    }
    for (struct node *node = first; node != NULL; node = node->next)
      sum += node->value[0];
    for (struct node *next; first != NULL; first = next) {
      next = first->next;
      a->free(first, sizeof *first);
    }
  }
  return lists * nodes;
}

/* Replays a recording; blocks that are live at its end are freed. */
TEMPLATE size_t replay_once(const struct allocator *a,
                            const struct recording *recording)
{
  struct held *held = bench_data.held;
  for (size_t i = 0; i < recording->request_count; i++) {
    struct request r = recording->requests[i];
    struct held *chosen = &held[r.id];
    if (r.letter == TRACE_MALLOC) {
      hold(a, chosen, r.bytes);
    } else if (r.letter == TRACE_REALLOC) {
      chosen->block = a->realloc(chosen->block, chosen->bytes, r.bytes);
      chosen->bytes = r.bytes;
    } else if (chosen->block != NULL) {
      drop(a, chosen);
      chosen->block = NULL;
    }
  }
  for (size_t i = 0; i < recording->id_count; i++)
    if (held[i].block != NULL) {
      drop(a, &held[i]);
      held[i].block = NULL;
    }
  return recording->request_count;
}

TEMPLATE size_t replay(const struct allocator *a, size_t times, size_t which)
{
  size_t count = 0;
  for (size_t i = 0; i < times; i++)
    count += replay_once(a, &bench_data.recordings[which]);
  return count;
}

/*
** X(name, unit, is_core, call): 'unit' names an operation; a workload with
** 'is_core' is part of the geometric mean; 'call' runs it with 'n', the value
** of --scale. The grow_ workloads have 'n' blocks, and run only if named.
*/
#define WORKLOADS(X)                                             \
  X(warm16, "pair", true, warm(a, n * 1000000, 16))              \
  X(warm64, "pair", true, warm(a, n * 1000000, 64))              \
  X(warm256, "pair", true, warm(a, n * 1000000, 256))            \
  X(live1000, "pair", true, churn(a, n * 1000000, 1000))         \
  X(live100000, "pair", true, churn(a, n * 1000000, 100000))     \
  X(stack, "pair", true, stack(a, n * 1000, 1000, 0))            \
  X(queue, "pair", true, queue(a, n * 1000, 1000, 0))            \
  X(storm, "pair", true, queue(a, n, 1000000, 0))                \
  X(doubling, "realloc", true, doubling(a, n * 50000, 4096))     \
  X(list, "node", true, list(a, n * 10, 100000))                 \
  X(json, "request", true, replay(a, n, 0))                      \
  X(startup, "request", true, replay(a, n * 20, 1))              \
  X(stack64, "pair", false, stack(a, n * 1000, 1000, 64))        \
  X(queue64, "pair", false, queue(a, n * 1000, 1000, 64))        \
  X(stack10000, "pair", false, stack(a, n * 100, 10000, 0))      \
  X(queue10000, "pair", false, queue(a, n * 100, 10000, 0))      \
  X(scatter, "pair", false, scatter(a, (uint32_t)n * 1000000))   \
  X(doubling64k, "realloc", false, doubling(a, n * 5000, 65536)) \
  X(creeping, "realloc", false, creeping(a, n * 3000))           \
  X(grow_pairs, "pair", false, grow_pairs(a, n))                 \
  X(grow_frees, "free", false, grow_frees(a, n))

#endif
