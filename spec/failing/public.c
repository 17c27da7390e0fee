/*
** A case for each function of pymalloc.h and pymalloc_inline.h. It is called
** often enough that each function below it is called, too.
*/
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "failing.h"

#include "pymalloc_inline.h"

#define OLD 200u /* blocks that a stage allocates; the others are the case's */

/*
** {==================================================================
** Requests
** ===================================================================
*/

static size_t size_of(size_t i)
{
  return i % 9 == 0 ? 600 + i : i % 64 + 1;
}

static void run_malloc(struct stage *stage)
{
  for (size_t i = OLD; i < STAGE_BLOCKS; i++)
    stage_enter(stage, i, pym_malloc(stage->heap, size_of(i)), size_of(i));
}

static void run_malloc_inline(struct stage *stage)
{
  for (size_t i = OLD; i < STAGE_BLOCKS; i++)
    stage_enter(stage, i, pym_malloc_inline(stage->heap, size_of(i)),
                size_of(i));
}

static void run_calloc(struct stage *stage)
{
  for (size_t i = OLD; i < STAGE_BLOCKS; i++) {
    unsigned char *data = pym_calloc(stage->heap, size_of(i), 1);
    for (size_t k = 0; data != NULL && k < size_of(i); k++)
      MUST(data[k] == 0);
    stage_enter(stage, i, data, size_of(i));
  }
}

/*
** A refused realloc leaves the block unchanged; a moved block has its content.
*/
static void note_resized(struct stage *stage, size_t i, void *data,
                         size_t bytes, unsigned char first)
{
  MUST(data == NULL || bytes == 0 || *(unsigned char *)data == first);
  if (data != NULL)
    stage_enter(stage, i, data, bytes);
  else
    stage_prove_content(stage, i);
}

#define RESIZES(name, new_bytes, request)            \
  static void name(struct stage *stage)              \
  {                                                  \
    for (size_t i = 0; i < OLD; i++) {               \
      void *old = stage->blocks[i];                  \
      unsigned char first = *stage->blocks[i];       \
      size_t old_bytes = stage->bytes[i];            \
      size_t bytes = new_bytes;                      \
      (void)old_bytes;                               \
      note_resized(stage, i, request, bytes, first); \
    }                                                \
  }
RESIZES(run_realloc, old_bytes *(i % 3) + i % 7,
        pym_realloc(stage->heap, old, bytes))
RESIZES(run_realloc_sized, old_bytes *(i % 2 + 1),
        pym_realloc_sized(stage->heap, old, old_bytes, bytes))
RESIZES(run_realloc_sized_inline, old_bytes *(i % 2 + 1),
        pym_realloc_sized_inline(stage->heap, old, old_bytes, bytes))

RESIZES(resize_for_lua, old_bytes * 2,
        pym_lua_alloc(stage->heap, old, old_bytes, bytes))

static void run_lua_alloc(struct stage *stage)
{
  for (size_t i = OLD; i < STAGE_BLOCKS; i++)
    stage_enter(stage, i, pym_lua_alloc(stage->heap, NULL, 5, size_of(i)),
                size_of(i));
  resize_for_lua(stage);
  MUST(pym_lua_alloc(stage->heap, stage->blocks[0], stage->bytes[0], 0) ==
       NULL);
  stage->blocks[0] = NULL;
}

#define FREES(name, ...)                \
  static void name(struct stage *stage) \
  {                                     \
    for (size_t i = 0; i < OLD; i++) {  \
      stage_prove_content(stage, i);    \
      __VA_ARGS__;                      \
      stage->blocks[i] = NULL;          \
    }                                   \
  }
FREES(run_free, pym_free(stage->heap, stage->blocks[i]))
FREES(run_free_inline, pym_free_inline(stage->heap, stage->blocks[i]))
FREES(run_free_sized,
      pym_free_sized(stage->heap, stage->blocks[i], stage->bytes[i]))
FREES(run_free_sized_inline,
      pym_free_sized_inline(stage->heap, stage->blocks[i], stage->bytes[i]))

/* }================================================================== */

/*
** {==================================================================
** Heaps
** ===================================================================
*/

static void run_heap_new(struct stage *stage)
{
  pym_options options;
  (void)stage;
  for (size_t i = 0; failing_options(i, &options); i++) {
    pym_heap *heap = pym_heap_new(&options);
    MUST(heap != NULL || errno == ENOMEM);
    MUST(heap == NULL || pym_check(heap, NULL));
    pym_heap_delete(heap);
  }
}

/* Deleting the heap reports damage that was not reported before. */
static void run_heap_delete(struct stage *stage)
{
  pym_options options;
  MUST(failing_options(0, &options));
  pym_heap_delete(NULL);
  system_fail(0, false);
  pym_heap *heap = pym_heap_new(&options);
  system_fail(0, false);
  pym_heap_delete(heap);
  (void)stage;
}

static void run_heap_trim(struct stage *stage)
{
  (void)pym_heap_trim(stage->heap);
}

static void run_heap_allow_arenas(struct stage *stage)
{
  pym_heap_allow_arenas(stage->heap, 0);
  pym_heap_allow_arenas(stage->heap, SIZE_MAX);
}

static void run_defaults(struct stage *stage)
{
  pym_options options = pym_options_default();
  (void)stage;
  MUST(options.max_arenas == SIZE_MAX);
  options = pym_options_hosting();
  MUST(options.cache_blocks > 0);
  MUST(pym_raw_default().malloc != NULL);
  MUST(pym_pages_default().page_bytes > 0);
}

/* }================================================================== */

/*
** {==================================================================
** Functions that read a heap and allocate nothing
** ===================================================================
*/

static void run_geometry(struct stage *stage)
{
  size_t count;
  char why[100];
  const pym_geometry *geometry = pym_heap_geometry(stage->heap);
  MUST(pym_profiles(&count) != NULL && count > 0);
  MUST(pym_profile_find("3.6") != NULL);
  MUST(pym_geometry_check(geometry, why, sizeof why));
  MUST(pym_class_count(geometry) > 0);
  MUST(pym_class_bytes(geometry, 0) > 0);
  MUST(pym_class_capacity(geometry, 0) > 0);
  MUST(pym_class_waste(geometry, 0) < geometry->pool_bytes);
  MUST(pym_class_of(geometry, 1) == 0);
  (void)pym_debug_of(geometry);
  MUST(pym_invariants(&count) != NULL && count > 0);
}

static void run_look(struct stage *stage)
{
  pym_location place;
  pym_stats stats;
  pym_fault fault;
  const pym_visitor visitor = {.context = NULL};
  (void)pym_locate(stage->heap, stage->blocks[1], &place);
  (void)pym_usable_size(stage->heap, stage->blocks[1]);
  MUST(pym_version() == PYM_VERSION_NUM);
  MUST(pym_walk(stage->heap, &visitor));
  pym_heap_stats(stage->heap, &stats, NULL);
  MUST(pym_report(stage->heap, true, failing_drop, NULL));
  MUST(pym_dump(stage->heap, failing_drop, NULL));
  MUST(pym_check(stage->heap, &fault));
  MUST(pym_write_file(stderr, "", 0));
  unsigned char first = stage->blocks[1][0];
  if (pym_is_checked(stage->heap) &&
      pym_locate(stage->heap, stage->blocks[1], &place))
    MUST(pym_poke(stage->heap, stage->blocks[1], &first, 1));
}

/* pym_describe opens a file: the map of the process. */
static void run_describe(struct stage *stage)
{
  int here = 0;
  MUST(pym_describe(stage->heap, stage->blocks[1], failing_drop, NULL));
  MUST(pym_describe(stage->heap, &here, failing_drop, NULL));
}

/* }================================================================== */

const struct failing_case failing_public[] = {
    {"pym_malloc", MAY_FAIL, run_malloc},
    {"pym_malloc_inline", MAY_FAIL, run_malloc_inline},
    {"pym_calloc", MAY_FAIL, run_calloc},
    {"pym_realloc", MAY_FAIL, run_realloc},
    {"pym_realloc_sized", MAY_FAIL, run_realloc_sized},
    {"pym_realloc_sized_inline", MAY_FAIL, run_realloc_sized_inline},
    {"pym_lua_alloc", MAY_FAIL, run_lua_alloc},
    {"pym_free", MAY_FAIL, run_free},
    {"pym_free_inline", MAY_FAIL, run_free_inline},
    {"pym_free_sized", MAY_FAIL, run_free_sized},
    {"pym_free_sized_inline", MAY_FAIL, run_free_sized_inline},
    {"pym_heap_new", WHOLE, run_heap_new},
    {"pym_heap_delete", WHOLE, run_heap_delete},
    {"pym_heap_trim", ASKS_NOTHING, run_heap_trim},
    {"pym_heap_allow_arenas", ASKS_NOTHING, run_heap_allow_arenas},
    {"pym_options_default", ASKS_NOTHING, run_defaults},
    {"pym_options_hosting", ASKS_NOTHING, run_defaults},
    {"pym_raw_default", ASKS_NOTHING, run_defaults},
    {"pym_pages_default", ASKS_NOTHING, run_defaults},
    {"pym_heap_geometry", ASKS_NOTHING, run_geometry},
    {"pym_profiles", ASKS_NOTHING, run_geometry},
    {"pym_profile_find", ASKS_NOTHING, run_geometry},
    {"pym_geometry_check", ASKS_NOTHING, run_geometry},
    {"pym_class_count", ASKS_NOTHING, run_geometry},
    {"pym_class_bytes", ASKS_NOTHING, run_geometry},
    {"pym_class_capacity", ASKS_NOTHING, run_geometry},
    {"pym_class_waste", ASKS_NOTHING, run_geometry},
    {"pym_class_of", ASKS_NOTHING, run_geometry},
    {"pym_debug_of", ASKS_NOTHING, run_geometry},
    {"pym_invariants", ASKS_NOTHING, run_geometry},
    {"pym_locate", ASKS_NOTHING, run_look},
    {"pym_walk", ASKS_NOTHING, run_look},
    {"pym_usable_size", ASKS_NOTHING, run_look},
    {"pym_version", ASKS_NOTHING, run_look},
    {"pym_heap_stats", ASKS_NOTHING, run_look},
    {"pym_report", ASKS_NOTHING, run_look},
    {"pym_dump", ASKS_NOTHING, run_look},
    {"pym_check", ASKS_NOTHING, run_look},
    {"pym_write_file", ASKS_NOTHING, run_look},
    {"pym_is_checked", ASKS_NOTHING, run_look},
    {"pym_poke", ASKS_NOTHING, run_look},
    {"pym_describe", MAY_FAIL, run_describe},
    {NULL, WHOLE, NULL}};
