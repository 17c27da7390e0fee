#include "tracked.h"

#include "base/base.h"

/* The link must be a multiple of the alignment that malloc promises. */
static_assert(sizeof(struct tracked_link) == 16, "keeps blocks aligned");

#define LINK_BYTES sizeof(struct tracked_link)
#define BYTES_MAX (REQUEST_MAX - LINK_BYTES)

static void *link_in(struct tracked *tracked, struct tracked_link *link)
{
  if (link == NULL)
    return NULL;
  link->previous = &tracked->ring;
  link->next = tracked->ring.next;
  link->next->previous = link;
  tracked->ring.next = link;
  return link + 1;
}

static struct tracked_link *link_out(void *block)
{
  struct tracked_link *link = (struct tracked_link *)block - 1;
  link->previous->next = link->next;
  link->next->previous = link->previous;
  return link;
}

static void *tracked_malloc(void *context, size_t bytes)
{
  struct tracked *tracked = context;
  const pym_raw *below = &tracked->below;
  if (bytes > BYTES_MAX)
    return NULL;
  return link_in(tracked, below->malloc(below->context, LINK_BYTES + bytes));
}

/* The caller has checked that the product is at most PTRDIFF_MAX. */
static void *tracked_calloc(void *context, size_t count, size_t bytes)
{
  struct tracked *tracked = context;
  const pym_raw *below = &tracked->below;
  if (count * bytes > BYTES_MAX)
    return NULL;
  return link_in(tracked,
                 below->calloc(below->context, 1, LINK_BYTES + count * bytes));
}

/* Links the block again, at its new address, or at the old one on failure. */
static void *tracked_realloc(void *context, void *block, size_t bytes)
{
  struct tracked *tracked = context;
  const pym_raw *below = &tracked->below;
  if (block == NULL)
    return tracked_malloc(context, bytes);
  if (bytes > BYTES_MAX)
    return NULL;
  struct tracked_link *link = link_out(block);
  struct tracked_link *resized =
      below->realloc(below->context, link, LINK_BYTES + bytes);
  if (resized != NULL)
    return link_in(tracked, resized);
  (void)link_in(tracked, link);
  return NULL;
}

static void tracked_free(void *context, void *block)
{
  struct tracked *tracked = context;
  if (block != NULL)
    tracked->below.free(tracked->below.context, link_out(block));
}

pym_raw tracked_open(struct tracked *tracked, const pym_raw *below)
{
  tracked->below = *below;
  tracked->ring.previous = tracked->ring.next = &tracked->ring;
  return (pym_raw){.context = tracked,
                   .malloc = tracked_malloc,
                   .calloc = tracked_calloc,
                   .realloc = tracked_realloc,
                   .free = tracked_free};
}

void tracked_free_all(struct tracked *tracked)
{
  while (tracked->ring.next != &tracked->ring)
    tracked_free(tracked, tracked->ring.next + 1);
}
