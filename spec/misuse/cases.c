#include <stdlib.h>
#include <string.h>

#include "misuse.h"

static unsigned char fake_block[256];

/* Requests between a free and its misuse: half malloc, half free. */
static void pass(struct scene *scene, int requests)
{
  for (int i = 0; i < requests / 2; i++)
    pym_free(scene->heap, pym_malloc(scene->heap, (size_t)(8 * i % 512 + 1)));
}

/*
** {==================================================================
** Frees
** ===================================================================
*/

static bool free_twice(struct scene *scene)
{
  pym_free(scene->heap, scene->victim);
  pym_free(scene->heap, scene->victim);
  return false;
}

static bool free_twice_with_others_between(struct scene *scene)
{
  pym_free(scene->heap, scene->victim);
  pym_free(scene->heap, scene->before);
  pym_free(scene->heap, scene->victim);
  return false;
}

static bool free_twice_200_requests_later(struct scene *scene)
{
  pym_free(scene->heap, scene->victim);
  pass(scene, 200);
  pym_free(scene->heap, scene->victim);
  return false;
}

static bool free_large_twice(struct scene *scene)
{
  pym_free(scene->heap, scene->large);
  pym_free(scene->heap, scene->large);
  return false;
}

static bool realloc_freed(struct scene *scene)
{
  pym_free(scene->heap, scene->victim);
  return pym_realloc(scene->heap, scene->victim, 100) == NULL;
}

static bool free_p_plus_1(struct scene *scene)
{
  pym_free(scene->heap, scene->victim + 1);
  return false;
}

static bool free_p_plus_16(struct scene *scene)
{
  pym_free(scene->heap, scene->victim + 16);
  return false;
}

static bool free_p_minus_16(struct scene *scene)
{
  pym_free(scene->heap, scene->victim - 16);
  return false;
}

static bool free_inside_large(struct scene *scene)
{
  pym_free(scene->heap, scene->large + 16);
  return false;
}

static bool free_stack(struct scene *scene)
{
  unsigned char local[64] = {0};
  pym_free(scene->heap, local + 16);
  return local[16] == 1;
}

static bool free_global(struct scene *scene)
{
  pym_free(scene->heap, fake_block + 16);
  return false;
}

static bool free_wild(struct scene *scene)
{
  pym_free(scene->heap, (void *)(uintptr_t)0x123456789ab0);
  return false;
}

static bool free_tiny(struct scene *scene)
{
  pym_free(scene->heap, (void *)(uintptr_t)16);
  return false;
}

static bool free_c_library(struct scene *scene)
{
  pym_free(scene->heap, malloc(100));
  return false;
}

static bool free_with_wrong_size(struct scene *scene)
{
  pym_free_sized(scene->heap, scene->victim, 5000);
  return false;
}

/* }================================================================== */

/*
** {==================================================================
** Writes
** ===================================================================
*/

/*
** A write around a block counts as reported if the free of the block reports
** it.
*/
static bool write_and_free(struct scene *scene, ptrdiff_t offset, size_t count)
{
  memset(scene->victim + offset, 0x41, count);
  pym_free(scene->heap, scene->victim);
  return false;
}

static bool write_1_in_slack(struct scene *scene)
{
  return write_and_free(scene, VICTIM_BYTES, 1);
}

static bool write_1_past_class(struct scene *scene)
{
  return write_and_free(scene, (ptrdiff_t)scene->class_bytes, 1);
}

static bool write_8_past_class(struct scene *scene)
{
  return write_and_free(scene, (ptrdiff_t)scene->class_bytes, 8);
}

static bool write_64_past_class(struct scene *scene)
{
  return write_and_free(scene, (ptrdiff_t)scene->class_bytes, 64);
}

static bool write_1_before(struct scene *scene)
{
  return write_and_free(scene, -1, 1);
}

static bool write_8_before(struct scene *scene)
{
  return write_and_free(scene, -8, 8);
}

static bool write_past_large(struct scene *scene)
{
  scene->large[LARGE_BYTES] = 0x41;
  pym_free(scene->heap, scene->large);
  return false;
}

static bool write_freed(struct scene *scene, size_t offset)
{
  pym_free(scene->heap, scene->victim);
  scene->victim[offset] = 0x41;
  return false;
}

static bool write_freed_at_0(struct scene *scene)
{
  return write_freed(scene, 0);
}

static bool write_freed_at_8(struct scene *scene)
{
  return write_freed(scene, 8);
}

static bool write_freed_at_last(struct scene *scene)
{
  return write_freed(scene, VICTIM_BYTES - 1);
}

static bool write_freed_large(struct scene *scene)
{
  pym_free(scene->heap, scene->large);
  scene->large[5000] = 0x41;
  return false;
}

static void replace_link(struct scene *scene, const void *link)
{
  pym_free(scene->heap, scene->victim);
  memcpy(scene->victim - scene->link_offset, &link, sizeof link);
}

static bool link_is_junk(struct scene *scene)
{
  replace_link(scene, (void *)(uintptr_t)0x4141414141414141);
  return false;
}

static bool link_is_fake(struct scene *scene)
{
  replace_link(scene, fake_block + 16);
  return false;
}

static bool junk_over_header(struct scene *scene)
{
  memset((void *)((uintptr_t)scene->victim & ~(uintptr_t)4095), 0x5a, 48);
  return false;
}

/* }================================================================== */

/*
** {==================================================================
** Sizes
** ===================================================================
*/

static bool calloc_wraps(struct scene *scene)
{
  return pym_calloc(scene->heap, (SIZE_MAX >> 4) + 2, 16) == NULL;
}

static bool calloc_huge(struct scene *scene)
{
  return pym_calloc(scene->heap, 1, SIZE_MAX - 7) == NULL;
}

static bool malloc_all(struct scene *scene)
{
  return pym_malloc(scene->heap, SIZE_MAX) == NULL;
}

static bool malloc_negative(struct scene *scene)
{
  return pym_malloc(scene->heap, (size_t)-16) == NULL;
}

static bool realloc_all(struct scene *scene)
{
  return pym_realloc(scene->heap, scene->victim, SIZE_MAX) == NULL;
}

/* }================================================================== */

const struct misuse_case misuse_cases[] = {
    {"double free, at once", free_twice},
    {"double free, another between", free_twice_with_others_between},
    {"double free, 200 requests later", free_twice_200_requests_later},
    {"double free of a large block", free_large_twice},
    {"realloc of a freed block", realloc_freed},
    {"free of p+1", free_p_plus_1},
    {"free of p+16", free_p_plus_16},
    {"free of p-16", free_p_minus_16},
    {"free of p+16, large block", free_inside_large},
    {"free of a stack address", free_stack},
    {"free of a global", free_global},
    {"free of a wild address", free_wild},
    {"free of a tiny address", free_tiny},
    {"free of the C library's block", free_c_library},
    {"sized free, wrong size", free_with_wrong_size},
    {"1 byte past the request, in slack", write_1_in_slack},
    {"1 byte past the class", write_1_past_class},
    {"8 bytes past the class", write_8_past_class},
    {"64 bytes past the class", write_64_past_class},
    {"1 byte before", write_1_before},
    {"8 bytes before", write_8_before},
    {"1 byte past a large block", write_past_large},
    {"write after free, offset 0", write_freed_at_0},
    {"write after free, offset 8", write_freed_at_8},
    {"write after free, last byte", write_freed_at_last},
    {"write after free, large block", write_freed_large},
    {"free link: junk", link_is_junk},
    {"free link: a fake block", link_is_fake},
    {"junk over a pool header", junk_over_header},
    {"calloc that wraps", calloc_wraps},
    {"calloc of SIZE_MAX - 7", calloc_huge},
    {"malloc of SIZE_MAX", malloc_all},
    {"malloc of -16", malloc_negative},
    {"realloc to SIZE_MAX", realloc_all},
};

const size_t misuse_case_count = sizeof misuse_cases / sizeof misuse_cases[0];

bool misuse_damages_raw(misuse run)
{
  return run == write_past_large || run == write_freed_large;
}
