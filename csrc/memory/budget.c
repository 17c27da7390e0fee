#include "memory/budget.h"

#include <string.h>

#define HEAD_BYTES alignof(max_align_t)

static_assert(sizeof(size_t) <= HEAD_BYTES, "the head holds a size");

static bool spend(struct budget *budget, size_t bytes)
{
  assert(budget->used_bytes <= budget->max_bytes);
  if (bytes > budget->max_bytes - budget->used_bytes)
    return false;
  budget->used_bytes += bytes;
  return true;
}

static void refund(struct budget *budget, size_t bytes)
{
  assert(bytes <= budget->used_bytes);
  budget->used_bytes -= bytes;
}

/* The size that is stored in front of a raw block. */
static size_t bytes_of(const void *block)
{
  size_t bytes;
  memcpy(&bytes, (const char *)block - HEAD_BYTES, sizeof bytes);
  return bytes;
}

/* Stores the size in the head of a block. Returns the block behind it. */
static void *remember(void *head, size_t bytes)
{
  memcpy(head, &bytes, sizeof bytes);
  return (char *)head + HEAD_BYTES;
}

/* Completes a new block. If raw has refused it, its bytes are refunded. */
static void *enter(struct budget *budget, void *head, size_t bytes)
{
  if (head == NULL) {
    refund(budget, bytes);
    return NULL;
  }
  return remember(head, bytes);
}

static void *budget_malloc(void *context, size_t bytes)
{
  struct budget *budget = context;
  /* GCOVR_EXCL_BR_START: the heap above has refused sizes near SIZE_MAX
     before */
  if (bytes > SIZE_MAX - HEAD_BYTES || !spend(budget, bytes))
    return NULL;
  /* GCOVR_EXCL_BR_STOP */
  return enter(budget,
               budget->raw.malloc(budget->raw.context, HEAD_BYTES + bytes),
               bytes);
}

/* The product cannot overflow: the heap has checked it. */
static void *budget_calloc(void *context, size_t count, size_t bytes)
{
  struct budget *budget = context;
  size_t total = count * bytes;
  /* GCOVR_EXCL_BR_START: the heap above has refused sizes near SIZE_MAX
     before */
  if (total > SIZE_MAX - HEAD_BYTES || !spend(budget, total))
    return NULL;
  /* GCOVR_EXCL_BR_STOP */
  return enter(budget,
               budget->raw.calloc(budget->raw.context, 1, HEAD_BYTES + total),
               total);
}

static void *budget_realloc(void *context, void *block, size_t bytes)
{
  struct budget *budget = context;
  if (block == NULL)
    return budget_malloc(context, bytes);
  size_t old_bytes = bytes_of(block);
  size_t more = bytes > old_bytes ? bytes - old_bytes : 0;
  /* GCOVR_EXCL_BR_START: the heap above has refused sizes near SIZE_MAX
     before */
  if (bytes > SIZE_MAX - HEAD_BYTES || !spend(budget, more))
    return NULL;
  /* GCOVR_EXCL_BR_STOP */
  void *head = budget->raw.realloc(
      budget->raw.context, (char *)block - HEAD_BYTES, HEAD_BYTES + bytes);
  if (head == NULL) {
    refund(budget, more);
    return NULL;
  }
  refund(budget, old_bytes - (bytes - more));
  return remember(head, bytes);
}

static void budget_free(void *context, void *block)
{
  struct budget *budget = context;
  refund(budget, bytes_of(block));
  budget->raw.free(budget->raw.context, (char *)block - HEAD_BYTES);
}

/* Addresses are not counted: they take no memory. */
static void *budget_reserve(void *context, size_t bytes, size_t alignment)
{
  struct budget *budget = context;
  return budget->pages.reserve(budget->pages.context, bytes, alignment);
}

static bool budget_commit(void *context, void *address, size_t bytes)
{
  struct budget *budget = context;
  if (!spend(budget, bytes))
    return false;
  if (budget->pages.commit(budget->pages.context, address, bytes))
    return true;
  refund(budget, bytes);
  return false;
}

static void budget_decommit(void *context, void *address, size_t bytes)
{
  struct budget *budget = context;
  refund(budget, bytes);
  budget->pages.decommit(budget->pages.context, address, bytes);
}

static void budget_release(void *context, void *address, size_t bytes)
{
  struct budget *budget = context;
  budget->pages.release(budget->pages.context, address, bytes);
}

void budget_stand_below(struct budget *budget, pym_options *options)
{
  *budget = (struct budget){.max_bytes = options->max_bytes,
                            .raw = options->raw,
                            .pages = options->pages};
  options->raw = (pym_raw){.context = budget,
                           .malloc = budget_malloc,
                           .calloc = budget_calloc,
                           .realloc = budget_realloc,
                           .free = budget_free};
  options->pages = (pym_pages){.context = budget,
                               .page_bytes = options->pages.page_bytes,
                               .reserve = budget_reserve,
                               .commit = budget_commit,
                               .decommit = budget_decommit,
                               .release = budget_release,
                               .large = NULL}; /* see budget.h */
  if (options->reserve_bytes > options->max_bytes)
    options->reserve_bytes = options->max_bytes; /* no page beyond it */
}

struct budget *budget_of(const pym_raw *raw)
{
  return raw->malloc == budget_malloc ? raw->context : NULL;
}
