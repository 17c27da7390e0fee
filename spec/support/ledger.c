#include "ledger.h"

#include <assert.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_BYTES (2 * alignof(max_align_t))
#define DIRT 0xa5 /* nobody promises that committed pages have zeros */
#define DIRTY_BYTES ((size_t)65536)
#define LIVE_MARK ((size_t)0x6c65646765726c76)

/* Lies before each raw block. */
struct head {
  size_t mark;
  size_t bytes;
};

static_assert(sizeof(struct head) <= HEAD_BYTES, "fits before a block");

/* Called if a heap breaks a rule of pym_raw or pym_pages. */
static _Noreturn void give_up(const char *what)
{
  fprintf(stderr, "ledger: %s\n", what);
  abort();
}

/* Counts a call. Is it one that must fail? */
static bool fails(struct ledger_account *account)
{
  account->calls++;
  if (account->countdown == 0 || --account->countdown > 0)
    return false;
  account->countdown = account->lasts ? 1 : 0;
  return true;
}

static void book(struct ledger_account *account, size_t bytes)
{
  account->count++;
  account->bytes += bytes;
}

static void cancel(struct ledger_account *account, size_t bytes)
{
  if (account->count == 0 || account->bytes < bytes)
    give_up("more memory is freed than was served");
  account->count--;
  account->bytes -= bytes;
}

/*
** {==================================================================
** Raw blocks
** ===================================================================
*/

static struct ledger_account *raw_account(void *context)
{
  return &((struct ledger *)context)->accounts[LEDGER_raw];
}

static void *enter(void *context, struct head *head, size_t bytes)
{
  if (head == NULL)
    return NULL;
  *head = (struct head){.mark = LIVE_MARK, .bytes = bytes};
  book(raw_account(context), bytes);
  return (char *)head + HEAD_BYTES;
}

static struct head *leave(void *context, void *block)
{
  struct head *head = (struct head *)(void *)((char *)block - HEAD_BYTES);
  if (head->mark != LIVE_MARK)
    give_up("a raw block that is not live is freed");
  head->mark = 0;
  cancel(raw_account(context), head->bytes);
  return head;
}

static void *raw_malloc(void *context, size_t bytes)
{
  if (bytes == 0)
    give_up("raw is called for zero bytes");
  if (fails(raw_account(context)) || bytes > SIZE_MAX - HEAD_BYTES)
    return NULL;
  return enter(context, malloc(HEAD_BYTES + bytes), bytes);
}

static void *raw_calloc(void *context, size_t count, size_t bytes)
{
  if (bytes != 0 && count > SIZE_MAX / bytes)
    give_up("the bytes of a calloc overflow");
  void *block = raw_malloc(context, count * bytes);
  return block == NULL ? NULL : memset(block, 0, count * bytes);
}

static void *raw_realloc(void *context, void *block, size_t bytes)
{
  if (block == NULL)
    return raw_malloc(context, bytes);
  if (bytes == 0)
    give_up("raw is called for zero bytes");
  if (fails(raw_account(context)) || bytes > SIZE_MAX - HEAD_BYTES)
    return NULL;
  struct head *head = leave(context, block);
  size_t old_bytes = head->bytes;
  struct head *resized = realloc(head, HEAD_BYTES + bytes);
  if (resized != NULL)
    return enter(context, resized, bytes);
  (void)enter(context, head, old_bytes);
  return NULL;
}

static void raw_free(void *context, void *block)
{
  free(leave(context, block));
}

/* }================================================================== */

/*
** {==================================================================
** Pages
** ===================================================================
*/

static void add_range(struct ledger_account *account, const void *address,
                      size_t bytes)
{
  struct ledger_range *ranges =
      realloc(account->ranges, (account->count + 1) * sizeof *ranges);
  if (ranges == NULL)
    give_up("no memory for the ledger itself");
  ranges[account->count] =
      (struct ledger_range){.address = (uintptr_t)address, .bytes = bytes};
  account->ranges = ranges;
  book(account, bytes);
}

static void drop_range(struct ledger_account *account, size_t index)
{
  cancel(account, account->ranges[index].bytes);
  account->ranges[index] = account->ranges[account->count];
  if (account->count == 0) {
    free(account->ranges);
    account->ranges = NULL;
  }
}

/* The index of this range, or account->count if there is none. */
static size_t find_range(const struct ledger_account *account,
                         const void *address, size_t bytes)
{
  size_t i = 0;
  while (i < account->count &&
         (account->ranges[i].address != (uintptr_t)address ||
          account->ranges[i].bytes != bytes))
    i++;
  return i;
}

/* Does it lie in one of the ranges? */
static bool is_inside(const struct ledger_account *account, const void *address,
                      size_t bytes)
{
  for (size_t i = 0; i < account->count; i++) {
    uintptr_t offset = (uintptr_t)address - account->ranges[i].address;
    if (offset < account->ranges[i].bytes &&
        bytes <= account->ranges[i].bytes - offset)
      return true;
  }
  return false;
}

static void *pages_reserve(void *context, size_t bytes, size_t alignment)
{
  struct ledger *ledger = context;
  struct ledger_account *reserved = &ledger->accounts[LEDGER_reserve];
  if (fails(reserved) || bytes > ledger->reserve_limit)
    return NULL;
  void *base = ledger->pages.reserve(ledger->pages.context, bytes, alignment);
  if (base != NULL)
    add_range(reserved, base, bytes);
  return base;
}

static bool pages_commit(void *context, void *address, size_t bytes)
{
  struct ledger *ledger = context;
  struct ledger_account *committed = &ledger->accounts[LEDGER_commit];
  if (!is_inside(&ledger->accounts[LEDGER_reserve], address, bytes))
    give_up("pages that are not reserved are committed");
  if (find_range(committed, address, bytes) < committed->count)
    give_up("pages are committed twice");
  if (fails(committed) ||
      !ledger->pages.commit(ledger->pages.context, address, bytes))
    return false;
  add_range(committed, address, bytes);
  memset(address, DIRT, bytes < DIRTY_BYTES ? bytes : DIRTY_BYTES);
  return true;
}

static void pages_decommit(void *context, void *address, size_t bytes)
{
  struct ledger *ledger = context;
  struct ledger_account *committed = &ledger->accounts[LEDGER_commit];
  size_t range = find_range(committed, address, bytes);
  if (range == committed->count)
    give_up("pages that are not committed are decommitted");
  drop_range(committed, range);
  ledger->decommit_calls++;
  ledger->pages.decommit(ledger->pages.context, address, bytes);
}

/* Also drops the pages that are committed in the reservation. */
static void pages_release(void *context, void *address, size_t bytes)
{
  struct ledger *ledger = context;
  struct ledger_account *reserved = &ledger->accounts[LEDGER_reserve];
  struct ledger_account *committed = &ledger->accounts[LEDGER_commit];
  size_t range = find_range(reserved, address, bytes);
  if (range == reserved->count)
    give_up("a range that is not a reservation is released");
  for (size_t i = committed->count; i-- > 0;)
    if (committed->ranges[i].address - (uintptr_t)address < bytes)
      drop_range(committed, i);
  drop_range(reserved, range);
  ledger->pages.release(ledger->pages.context, address, bytes);
}

/* The reservation in which a range lies. */
static const struct ledger_range *
reservation_of(const struct ledger *ledger, const void *address, size_t bytes)
{
  const struct ledger_account *reserved = &ledger->accounts[LEDGER_reserve];
  for (size_t i = 0; i < reserved->count; i++) {
    uintptr_t offset = (uintptr_t)address - reserved->ranges[i].address;
    if (offset < reserved->ranges[i].bytes &&
        bytes <= reserved->ranges[i].bytes - offset)
      return &reserved->ranges[i];
  }
  give_up("a large page that is not reserved is announced");
}

/* Is a part of the range committed? */
static bool has_committed(const struct ledger *ledger, const void *address,
                          size_t bytes)
{
  const struct ledger_account *committed = &ledger->accounts[LEDGER_commit];
  uintptr_t first = (uintptr_t)address;
  for (size_t i = 0; i < committed->count; i++) {
    const struct ledger_range *range = &committed->ranges[i];
    if (range->address < first + bytes && first < range->address + range->bytes)
      return true;
  }
  return false;
}

static void pages_large(void *context, void *address, size_t bytes, bool begins)
{
  struct ledger *ledger = context;
  const struct ledger_range *reserved = reservation_of(ledger, address, bytes);
  if (begins && ((uintptr_t)address % PYM_LARGE_PAGE_BYTES != 0 ||
                 bytes % PYM_LARGE_PAGE_BYTES != 0))
    give_up("a large page that is not aligned begins");
  if (has_committed(ledger, address, bytes))
    give_up("a large page with committed pages begins or ends");
  if (begins) {
    ledger->large_begins++;
    ledger->large_offset = (uintptr_t)address - reserved->address;
  } else {
    ledger->large_ends++;
    ledger->large_end_bytes = bytes;
  }
  ledger->pages.large(ledger->pages.context, address, bytes, begins);
}

/* }================================================================== */

void ledger_open(struct ledger *ledger)
{
  *ledger = (struct ledger){.reserve_limit = SIZE_MAX,
                            .raw = pym_raw_default(),
                            .pages = pym_pages_default()};
}

void ledger_stand_below(struct ledger *ledger, pym_options *options)
{
  options->raw = (pym_raw){.context = ledger,
                           .malloc = raw_malloc,
                           .calloc = raw_calloc,
                           .realloc = raw_realloc,
                           .free = raw_free};
  options->pages = (pym_pages){.context = ledger,
                               .page_bytes = options->pages.page_bytes,
                               .reserve = pages_reserve,
                               .commit = pages_commit,
                               .decommit = pages_decommit,
                               .release = pages_release,
                               .large = pages_large};
}
