#include "trace/counted_pages.h"

static void *count_reserve(void *context, size_t bytes, size_t alignment)
{
  struct counted_pages *counted = context;
  counted->calls++;
  return counted->pages.reserve(counted->pages.context, bytes, alignment);
}

static bool count_commit(void *context, void *address, size_t bytes)
{
  struct counted_pages *counted = context;
  counted->calls++;
  return counted->pages.commit(counted->pages.context, address, bytes);
}

static void count_decommit(void *context, void *address, size_t bytes)
{
  struct counted_pages *counted = context;
  counted->calls++;
  counted->pages.decommit(counted->pages.context, address, bytes);
}

static void count_large(void *context, void *address, size_t bytes, bool begins)
{
  struct counted_pages *counted = context;
  counted->calls++;
  counted->pages.large(counted->pages.context, address, bytes, begins);
}

static void pass_release(void *context, void *address, size_t bytes)
{
  const struct counted_pages *counted = context;
  counted->pages.release(counted->pages.context, address, bytes);
}

void counted_pages_stand_below(struct counted_pages *counted,
                               pym_options *options)
{
  *counted = (struct counted_pages){.pages = options->pages};
  options->pages = (pym_pages){.context = counted,
                               .page_bytes = counted->pages.page_bytes,
                               .reserve = count_reserve,
                               .commit = count_commit,
                               .decommit = count_decommit,
                               .release = pass_release};
  /* GCOVR_EXCL_BR_START: traces are measured on the system's pages only, which
     have this function */
  if (counted->pages.large != NULL)
    options->pages.large = count_large;
  /* GCOVR_EXCL_BR_STOP */
}
