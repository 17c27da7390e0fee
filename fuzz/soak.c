/*
** soak REQUESTS [SEED]: random requests on heaps of five kinds, one after the
** other, a fifth of the requests each. A number is written into every block and
** compared later. The heap is checked every million requests, and must have no
** live block at the end. Progress goes to stderr, one line for each kind to
** stdout.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "input.h"

#include "pymalloc_inline.h"

#define SLOTS 200000u
#define CHECK_EVERY 1000000u
#define TIDE \
  3000000u /* requests in which the number of blocks rises and falls */

struct slot {
  unsigned char *data;
  size_t bytes;
};

struct soak {
  pym_heap *heap;
  uint64_t random, requests, live, checks, refused;
  struct slot slots[SLOTS];
};

static const char *const kinds[] = {"3.6", "3.11", "3.11, cached",
                                    "3.6, 20 arenas at most",
                                    "3.8, nothing retained"};
#define KINDS (sizeof kinds / sizeof kinds[0])

static pym_options options_of(size_t kind)
{
  pym_options options = pym_options_default();
  if (kind == 1)
    options.geometry = pym_profile_find("3.11")->geometry;
  if (kind == 2)
    options = pym_options_hosting();
  if (kind == 3)
    options.max_arenas = 20;
  if (kind == 4) {
    options.geometry = pym_profile_find("3.8")->geometry;
    options.retain_bytes = 0;
  }
  return options;
}

/* xorshift64* of Vigna */
static uint64_t next(struct soak *soak)
{
  soak->random ^= soak->random >> 12;
  soak->random ^= soak->random << 25;
  soak->random ^= soak->random >> 27;
  return soak->random * UINT64_C(2685821657736338717);
}

/* Mostly small sizes, as programs use; one in 256 goes to the raw allocator. */
static size_t next_bytes(uint64_t random)
{
  if ((random & 255) == 0)
    return 513 + (random >> 8 & 4095);
  return (random >> 8 & (random >> 20 & 1 ? 63 : 511)) + 1;
}

/* Writes the number of the slot at both ends of a block that has room. */
static void mark(struct slot *slot, uint32_t number)
{
  if (slot->bytes < 2 * sizeof number)
    return;
  memcpy(slot->data, &number, sizeof number);
  memcpy(slot->data + slot->bytes - sizeof number, &number, sizeof number);
}

static void prove(const struct slot *slot, uint32_t number)
{
  uint32_t first, last;
  if (slot->bytes < 2 * sizeof number)
    return;
  memcpy(&first, slot->data, sizeof first);
  memcpy(&last, slot->data + slot->bytes - sizeof last, sizeof last);
  MUST(first == number && last == number);
}

static void take(struct soak *soak, struct slot *slot, uint32_t number,
                 uint64_t random)
{
  slot->bytes = next_bytes(random);
  slot->data = (random >> 40 & 7) == 0
                   ? pym_calloc(soak->heap, 1, slot->bytes)
                   : pym_malloc_inline(soak->heap, slot->bytes);
  soak->refused += slot->data == NULL;
  soak->live += slot->data != NULL;
  if (slot->data != NULL)
    mark(slot, number);
}

static void give(struct soak *soak, struct slot *slot, uint32_t number,
                 uint64_t random)
{
  prove(slot, number);
  if ((random >> 40 & 3) == 0)
    pym_free_sized_inline(soak->heap, slot->data, slot->bytes);
  else
    pym_free_inline(soak->heap, slot->data);
  slot->data = NULL;
  soak->live--;
}

static void resize(struct soak *soak, struct slot *slot, uint32_t number,
                   uint64_t random)
{
  size_t bytes = next_bytes(random);
  prove(slot, number);
  unsigned char *data = pym_realloc(soak->heap, slot->data, bytes);
  if (data == NULL)
    return;
  if (slot->bytes >= 2 * sizeof number && bytes >= sizeof number)
    MUST(memcmp(data, &number, sizeof number) == 0);
  *slot = (struct slot){data, bytes};
  mark(slot, number);
}

/* The number of live blocks wanted now. It rises and falls. */
static uint64_t wanted(const struct soak *soak)
{
  uint64_t at = soak->requests % TIDE;
  return at < TIDE / 2 ? SLOTS / 2 + at % (SLOTS / 4) : 0;
}

static void request(struct soak *soak)
{
  uint64_t random = next(soak);
  uint32_t number = (uint32_t)((random >> 44) % SLOTS);
  struct slot *slot = &soak->slots[number];
  soak->requests++;
  if (slot->data == NULL && soak->live > wanted(soak))
    return;
  if (slot->data == NULL)
    take(soak, slot, number, random);
  else if ((random >> 32 & 15) == 0)
    resize(soak, slot, number, random);
  else
    give(soak, slot, number, random);
}

static void check(struct soak *soak)
{
  pym_fault fault;
  soak->checks++;
  if (!pym_check(soak->heap, &fault))
    input_fail(fault.text, fault.invariant, 0);
}

static void show(const struct soak *soak, uint64_t all, size_t kind)
{
  if (isatty(STDERR_FILENO))
    (void)fprintf(stderr, "\r%3.0f %%  %s, %llu blocks live        ",
                  100.0 * (double)soak->requests / (double)all, kinds[kind],
                  (unsigned long long)soak->live);
}

static void run_kind(struct soak *soak, size_t kind, uint64_t count,
                     uint64_t all)
{
  pym_options options = options_of(kind);
  pym_stats stats;
  clock_t start = clock();
  soak->heap = pym_heap_new(&options);
  MUST(soak->heap != NULL);
  for (uint64_t i = 1; i <= count; i++) {
    request(soak);
    if (i % CHECK_EVERY == 0) {
      check(soak);
      show(soak, all, kind);
    }
  }
  pym_heap_stats(soak->heap, &stats, NULL);
  for (uint32_t i = 0; i < SLOTS; i++)
    if (soak->slots[i].data != NULL)
      give(soak, &soak->slots[i], i, i);
  check(soak);
  printf("%12llu requests  %-24s %8zu arenas obtained  %4.0f s\n",
         (unsigned long long)count, kinds[kind], stats.arenas_allocated_total,
         (double)(clock() - start) / CLOCKS_PER_SEC);
  (void)fflush(stdout);
  (void)pym_heap_trim(soak->heap);
  pym_heap_stats(soak->heap, &stats, NULL);
  MUST(stats.blocks == 0 && soak->live == 0);
  pym_heap_delete(soak->heap);
}

int main(int argc, char **argv)
{
  static struct soak soak;
  uint64_t all = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
  soak.random = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
  MUST(all >= KINDS && soak.random != 0);
  for (size_t kind = 0; kind < KINDS; kind++)
    run_kind(&soak, kind, all / KINDS, all);
  if (isatty(STDERR_FILENO))
    (void)fprintf(stderr, "\r%60s\r", "");
  printf("%12llu requests, %llu checks, %llu refused: no fault\n",
         (unsigned long long)soak.requests, (unsigned long long)soak.checks,
         (unsigned long long)soak.refused);
  return EXIT_SUCCESS;
}
