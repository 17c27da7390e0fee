#include "timeline/timeline_memory.h"

#include <stdlib.h>
#include <string.h>

/* Room for more than 4 million slots; on 32 bits, for 262,144. */
#define VECTOR_BYTES ((size_t)1 << (SIZE_MAX > UINT32_MAX ? 28 : 23))
#define VECTOR_STEP ((size_t)1 << 16)

/*
** {==================================================================
** The raw allocator
** ===================================================================
*/

static void *serve(struct timeline_memory *memory, uint64_t bytes)
{
  /* GCOVR_EXCL_BR_START: not tested: a request of more than 64 TiB */
  return bytes <= TIMELINE_RAW_BYTES_MAX ? memory->raw_block : NULL;
  /* GCOVR_EXCL_BR_STOP */
}

static void *raw_malloc(void *context, size_t bytes)
{
  struct timeline_memory *memory = context;
  /* GCOVR_EXCL_BR_START: before it serves, a heap requests zeroed records
     only */
  return memory->is_serving ? serve(memory, bytes) : malloc(bytes);
  /* GCOVR_EXCL_BR_STOP */
}

static void *raw_calloc(void *context, size_t count, size_t bytes)
{
  struct timeline_memory *memory = context;
  return memory->is_serving ? serve(memory, count * bytes)
                            : calloc(count, bytes);
}

/* Resizes the arenas vector at the address where it is. */
static void *grow_vector(struct timeline_memory *memory, size_t bytes)
{
  size_t wanted = align_up(bytes, VECTOR_STEP);
  assert(memory->vector_committed <= memory->vector_bytes);
  /* GCOVR_EXCL_BR_START: not tested: more than four million arenas */
  if (wanted > memory->vector_bytes)
    return NULL;
  /* GCOVR_EXCL_BR_STOP */
  if (wanted <= memory->vector_committed)
    return memory->vector;
  if (!memory->pages.commit(memory->pages.context,
                            (char *)memory->vector + memory->vector_committed,
                            wanted - memory->vector_committed))
    return NULL;
  memory->vector_committed = wanted;
  return memory->vector;
}

static void *raw_realloc(void *context, void *block, size_t bytes)
{
  struct timeline_memory *memory = context;
  return block == memory->raw_block ? serve(memory, bytes)
                                    : grow_vector(memory, bytes);
}

static void raw_free(void *context, void *block)
{
  struct timeline_memory *memory = context;
  if (block != memory->raw_block && block != memory->vector)
    free(block);
}

/* }================================================================== */

/*
** {==================================================================
** Pages
** ===================================================================
*/

static void *reserve(void *context, size_t bytes, size_t alignment)
{
  struct timeline_memory *memory = context;
  size_t page = memory->pages.page_bytes;
  void *base =
      memory->pages.reserve(memory->pages.context, align_up(bytes, page),
                            alignment < page ? page : alignment);
  memory->committed_end = base;
  return base;
}

/*
** Commits everything up to the end of a slot. Slots come into use from the
** lowest on, so this commits no slot that is not needed.
*/
static bool commit(void *context, void *address, size_t bytes)
{
  struct timeline_memory *memory = context;
  unsigned char *from = memory->committed_end;
  uintptr_t end =
      align_up((uintptr_t)address + bytes, memory->pages.page_bytes);
  if (end <= (uintptr_t)from)
    return true;
  if (!memory->pages.commit(memory->pages.context, from, end - (uintptr_t)from))
    return false;
  memory->committed_end = (void *)end;
  return true;
}

static void decommit(void *context, void *address, size_t bytes)
{
  (void)context;
  (void)address;
  (void)bytes;
}

static void release(void *context, void *address, size_t bytes)
{
  struct timeline_memory *memory = context;
  memory->pages.release(memory->pages.context, address,
                        align_up(bytes, memory->pages.page_bytes));
}

/* }================================================================== */

bool timeline_memory_open(struct timeline_memory *memory, pym_options *options)
{
  pym_pages pages = pym_pages_default();
  *memory =
      (struct timeline_memory){.pages = pages, .vector_bytes = VECTOR_BYTES};
  /* large enough for the copy of a block that moves to the raw allocator */
  memory->raw_block = malloc(POOL_BYTES_MAX);
  memory->vector = pages.reserve(pages.context, VECTOR_BYTES, VECTOR_STEP);
  if (memory->raw_block == NULL || memory->vector == NULL) {
    timeline_memory_close(memory);
    return false;
  }
  options->retain_bytes = 0;
  options->raw = (pym_raw){.context = memory,
                           .malloc = raw_malloc,
                           .calloc = raw_calloc,
                           .realloc = raw_realloc,
                           .free = raw_free};
  options->pages = (pym_pages){.context = memory,
                               .page_bytes = 1,
                               .reserve = reserve,
                               .commit = commit,
                               .decommit = decommit,
                               .release = release};
  return true;
}

void timeline_memory_close(struct timeline_memory *memory)
{
  if (memory->vector != NULL)
    memory->pages.release(memory->pages.context, memory->vector,
                          memory->vector_bytes);
  free(memory->raw_block);
  *memory = (struct timeline_memory){0};
}
