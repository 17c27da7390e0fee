/*
** public: calls the functions of pymalloc.h and pymalloc_inline.h as a C
** program does. A line is printed for each case; the program ends with the
** first that fails.
**
** The specs of the Lua module test these functions in depth. The cases here
** are for what only C has: sized calls, writers, reports of
** misuse, inline paths.
*/
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pymalloc_inline.h"

#define MUST(fact) ((fact) ? (void)0 : fail(#fact, __LINE__))

static _Noreturn void fail(const char *fact, int line)
{
  (void)fprintf(stderr, "line %d: not true: %s\n", line, fact);
  exit(1);
}

/* Compares each class of each profile with the arithmetic of a pool. */
static void geometries(void)
{
  size_t count;
  const pym_profile *profiles = pym_profiles(&count);
  MUST(count == 8 && pym_profile_find("3.6") == profiles);
  MUST(pym_profile_find("2.7") == NULL);
  for (size_t i = 0; i < count; i++) {
    const pym_geometry *geometry = &profiles[i].geometry;
    MUST(pym_geometry_check(geometry, NULL, 0));
    MUST(pym_class_count(geometry) ==
         geometry->threshold / geometry->alignment);
    for (size_t c = 0; c < pym_class_count(geometry); c++) {
      size_t bytes = pym_class_bytes(geometry, c);
      size_t room = geometry->pool_bytes - 48;
      MUST(bytes == (c + 1) * geometry->alignment);
      MUST(pym_class_capacity(geometry, c) == room / bytes);
      MUST(pym_class_waste(geometry, c) == room % bytes);
      MUST(pym_class_of(geometry, bytes) == (ptrdiff_t)c);
      MUST(pym_class_of(geometry, bytes - 1) == (ptrdiff_t)c);
    }
    MUST(pym_class_of(geometry, 0) == -1);
    MUST(pym_class_of(geometry, geometry->threshold + 1) == -1);
  }
  MUST(pym_debug_of(&profiles[0].geometry) == PYM_DEBUG_3_6);
  MUST(pym_debug_of(&pym_profile_find("3.11")->geometry) == PYM_DEBUG_3_8);
}

/* A heap of a geometry that pym_geometry_check refuses is not made. */
static void refusals(void)
{
  pym_options options = pym_options_default();
  options.geometry.alignment = 3;
  errno = 0;
  MUST(!pym_geometry_check(&options.geometry, NULL, 0));
  MUST(pym_heap_new(&options) == NULL && errno == EINVAL);
}

/* Receives text by a pym_write, which fails at a limit. */
struct text {
  char bytes[8192];
  size_t count, limit;
};

static bool keep(void *context, const char *piece, size_t bytes)
{
  struct text *text = context;
  if (bytes > text->limit - text->count)
    return false;
  memcpy(text->bytes + text->count, piece, bytes);
  text->count += bytes;
  return true;
}

/* A report ends when its pym_write fails; a FILE can be the receiver. */
static void texts(void)
{
  pym_heap *heap = pym_heap_new(NULL);
  MUST(heap != NULL && pym_malloc(heap, 24) != NULL);
  struct text whole = {.limit = sizeof whole.bytes};
  struct text cut = {.limit = 100};
  MUST(pym_report(heap, false, keep, &whole));
  MUST(memcmp(whole.bytes, "Small block threshold = 512", 27) == 0);
  MUST(!pym_report(heap, false, keep, &cut) && !pym_dump(heap, keep, &cut));
  FILE *file = tmpfile();
  MUST(file != NULL && pym_dump(heap, pym_write_file, file));
  whole.count = 0;
  MUST(pym_dump(heap, keep, &whole) && (size_t)ftell(file) == whole.count);
  (void)fclose(file);
  pym_heap_delete(heap);
}

/* Released arenas stay resident until the heap is trimmed. */
static void arenas(void)
{
  pym_options options = pym_options_default();
  pym_heap *heap = pym_heap_new(&options);
  pym_free(heap, pym_malloc(heap, 24));
  MUST(pym_heap_trim(heap) == options.geometry.arena_bytes);
  MUST(pym_heap_trim(heap) == 0);
  pym_location at;
  pym_heap_allow_arenas(heap, 0);
  void *block = pym_malloc(heap, 24);
  MUST(block != NULL && !pym_locate(heap, block, &at));
  pym_heap_allow_arenas(heap, SIZE_MAX);
  void *small = pym_malloc(heap, 24);
  MUST(pym_locate(heap, small, &at) && at.offset == 48);
  MUST(pym_realloc_sized(heap, small, 24, 23) == small);
  pym_free_sized(heap, small, 23);
  pym_free(heap, block);
  pym_heap_delete(heap);
}

static void count_misuse(void *context, const pym_misuse *misuse)
{
  MUST(misuse->kind != NULL && misuse->report != NULL);
  ++*(unsigned *)context;
}

/* Only a checked heap can be poked, and it reports the damage. */
static void misuse(void)
{
  unsigned told = 0;
  struct text text = {.limit = sizeof text.bytes};
  pym_heap *plain = pym_heap_new(NULL);
  pym_options options = pym_options_default();
  options.debug = pym_debug_of(&options.geometry);
  options.on_misuse = count_misuse;
  options.misuse_context = &told;
  pym_heap *heap = pym_heap_new(&options);
  char *block = pym_malloc(heap, 24);
  MUST(!pym_is_checked(plain) && pym_is_checked(heap));
  MUST(!pym_poke(plain, pym_malloc(plain, 24), "x", 1));
  MUST(!pym_poke(heap, &told, "x", 1) && told == 0);
  MUST(pym_describe(heap, block, keep, &text) && text.count > 0);
  MUST(pym_poke(heap, block + 24, "x", 1));
  pym_free(heap, block);
  MUST(told == 1);
  pym_heap_delete(heap);
  pym_heap_delete(plain);
}

static bool is_same_place(const pym_heap *one, const void *block,
                          const pym_heap *other, const void *twin)
{
  pym_location a, b;
  bool is_small = pym_locate(one, block, &a);
  if (pym_locate(other, twin, &b) != is_small)
    return false;
  return !is_small ||
         (a.arena == b.arena && a.pool == b.pool && a.offset == b.offset);
}

/*
** Two heaps get the same requests, one by the inline functions, the other by
** the functions of the library: each block has the same place in both.
*/
static void inline_paths(void)
{
  enum { SLOTS = 300, TURNS = 200000 };
  static void *blocks[SLOTS], *twins[SLOTS];
  static size_t sizes[SLOTS];
  pym_options options = pym_options_hosting();
  pym_heap *one = pym_heap_new(&options), *other = pym_heap_new(&options);
  uint32_t random = 1;
  for (unsigned turn = 0; turn < TURNS; turn++) {
    random = random * 1664525u + 1013904223u;
    size_t i = (random >> 8) % SLOTS, bytes = (random >> 16) % 600 + 1;
    if (blocks[i] == NULL) {
      blocks[i] = pym_malloc_inline(one, bytes);
      twins[i] = pym_malloc(other, bytes);
      sizes[i] = bytes;
    } else if (turn % 2 == 0) {
      pym_free_inline(one, blocks[i]);
      pym_free(other, twins[i]);
      blocks[i] = NULL;
    } else {
      pym_free_sized_inline(one, blocks[i], sizes[i]);
      pym_free_sized(other, twins[i], sizes[i]);
      blocks[i] = NULL;
    }
    if (blocks[i] != NULL)
      MUST(is_same_place(one, blocks[i], other, twins[i]));
  }
  MUST(pym_check(one, NULL) && pym_check(other, NULL));
  for (size_t i = 0; i < SLOTS; i++) {
    if (blocks[i] != NULL)
      pym_free_inline(one, blocks[i]);
    if (blocks[i] != NULL)
      pym_free(other, twins[i]);
  }
  pym_heap_delete(one);
  pym_heap_delete(other);
}

/* The inline realloc moves a block only if its class changes. */
static void inline_resize(void)
{
  pym_options options = pym_options_hosting();
  pym_heap *heap = pym_heap_new(&options);
  char *block = pym_malloc_inline(heap, 33);
  memset(block, 'x', 33);
  MUST(pym_realloc_sized_inline(heap, block, 33, 48) == block);
  char *moved = pym_realloc_sized_inline(heap, block, 48, 500);
  MUST(moved != block && memcmp(moved, "xxx", 3) == 0 && moved[32] == 'x');
  MUST(pym_malloc_inline(heap, 40) == block);
  block = pym_realloc_sized_inline(heap, moved, 500, 5000);
  MUST(block[32] == 'x');
  pym_free_sized_inline(heap, block, 5000);
  MUST(pym_check(heap, NULL));
  pym_heap_delete(heap);
}

/* The block of a debug heap that raw serves lies in one of the raw hooks. */
static void usable_sizes_of_debug(void)
{
  pym_options options = pym_options_default();
  options.debug = PYM_DEBUG_3_8;
  pym_heap *heap = pym_heap_new(&options);
  char *block = pym_malloc(heap, 1000);
  MUST(pym_usable_size(heap, block) == 1000);
  MUST(pym_usable_size(heap, block - 2 * sizeof(uint64_t)) == 0);
  MUST(pym_usable_size(heap, block + 1) == 0);
  pym_free(heap, block);
  MUST(pym_usable_size(heap, block) == 0);
  pym_heap_delete(heap);
}

/* Every byte of the usable size can be written, and is kept by a resize. */
static void usable_sizes(void)
{
  pym_options options = pym_options_hosting();
  pym_heap *plain = pym_heap_new(NULL), *hosting = pym_heap_new(&options);
  for (size_t bytes = 1; bytes <= 600; bytes++) {
    pym_heap *heap = bytes % 2 == 0 ? plain : hosting;
    const pym_geometry *geometry = pym_heap_geometry(heap);
    unsigned char *block = pym_malloc(heap, bytes);
    size_t usable = pym_usable_size(heap, block);
    ptrdiff_t szidx = pym_class_of(geometry, bytes);
    size_t of_others = heap == plain ? 0 : 640; /* of raw, or of a span */
    MUST(usable ==
         (szidx < 0 ? of_others : pym_class_bytes(geometry, (size_t)szidx)));
    memset(block, (int)bytes, usable);
    block = pym_realloc(heap, block, 5000);
    MUST(usable == 0 || block[usable - 1] == (unsigned char)bytes);
    pym_free(heap, block);
  }
  MUST(pym_usable_size(plain, NULL) == 0);
  const char *first = pym_malloc(plain, 8); /* the next pool has no class yet */
  MUST(pym_usable_size(plain, first + pym_heap_geometry(plain)->pool_bytes) ==
       0);
  MUST(pym_check(plain, NULL) && pym_check(hosting, NULL));
  pym_heap_delete(plain);
  pym_heap_delete(hosting);
}

static void *refuse_realloc(void *context, void *block, size_t bytes)
{
  (void)context;
  (void)block;
  (void)bytes;
  return NULL;
}

/* A resize that the raw allocator refuses takes nothing of max_bytes. */
static void refused_resizes(void)
{
  pym_options options = pym_options_default();
  options.max_bytes = (size_t)4 << 20;
  options.raw.realloc = refuse_realloc;
  pym_heap *heap = pym_heap_new(&options);
  void *block = pym_malloc(heap, 1000);
  for (unsigned turn = 0; turn < 10; turn++)
    MUST(pym_realloc(heap, block, (size_t)1 << 20) == NULL);
  void *other = pym_malloc(heap, (size_t)3 << 20);
  MUST(other != NULL);
  pym_free(heap, other);
  pym_free(heap, block);
  pym_heap_delete(heap);
}

#if SIZE_MAX > UINT32_MAX && defined(__linux__)
#define NODE_BYTES ((size_t)64 << 30) /* that a bottom node of the map covers */

/* Addresses that begin 1 GiB before those of another bottom node. */
static void *reserve_before_node(void *context, size_t bytes, size_t alignment)
{
  pym_pages usual = pym_pages_default();
  char *all = usual.reserve(NULL, bytes + 2 * NODE_BYTES, alignment);
  MUST(all != NULL);
  *(char **)context = all;
  size_t before = NODE_BYTES - (uintptr_t)all % NODE_BYTES;
  return all + before + NODE_BYTES - ((size_t)1 << 30);
}

static void release_all(void *context, void *address, size_t bytes)
{
  (void)address;
  pym_pages_default().release(NULL, *(char **)context, bytes + 2 * NODE_BYTES);
}

/* The bottom nodes for one arena of 1 GiB with that offset. */
static size_t bottom_nodes(size_t offset)
{
  char *all;
  pym_stats stats;
  pym_options options = pym_options_default();
  options.geometry = pym_profile_find("3.11")->geometry;
  options.geometry.arena_bytes = (size_t)1 << 30;
  options.geometry.arena_offset = offset;
  options.geometry.address_bits = 48;
  options.reserve_bytes = options.geometry.arena_bytes;
  options.pages.context = &all;
  options.pages.reserve = reserve_before_node;
  options.pages.release = release_all;
  options.pages.large = NULL;
  pym_heap *heap = pym_heap_new(&options);
  MUST(heap != NULL && pym_malloc(heap, 8) != NULL);
  pym_heap_stats(heap, &stats, NULL);
  MUST(stats.arenas_current == 1);
  pym_heap_delete(heap);
  return stats.map_bot_nodes;
}

/* An arena that does not begin at a multiple of its size has two entries. */
static void arena_map(void)
{
  MUST(bottom_nodes(0) == 1);
  MUST(bottom_nodes(16) == 2);
}
#else
static void arena_map(void)
{
}
#endif

/* PYM_VERSION, PYM_VERSION_NUM and pym_version agree. */
static void versions(void)
{
  int major, minor, patch;
  MUST(sscanf(PYM_VERSION, "%d.%d.%d", &major, &minor, &patch) == 3);
  MUST(PYM_VERSION_NUM == 10000 * major + 100 * minor + patch);
  MUST(pym_version() == PYM_VERSION_NUM);
}

int main(void)
{
  static const struct {
    const char *name;
    void (*run)(void);
  } cases[] = {{"geometries", geometries},
               {"refusals", refusals},
               {"texts", texts},
               {"arenas", arenas},
               {"misuse", misuse},
               {"inline paths", inline_paths},
               {"inline resize", inline_resize},
               {"usable sizes", usable_sizes},
               {"usable sizes of a debug heap", usable_sizes_of_debug},
               {"refused resizes", refused_resizes},
               {"arena map", arena_map},
               {"versions", versions}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    cases[i].run();
    printf("%s\n", cases[i].name);
  }
  return 0;
}
