#define _GNU_SOURCE

#include "site_table.h"

#include <sched.h>
#include <stdbool.h>
#include <sys/mman.h>

#include "writer.h"

#define PLACES UINT64_C(0x300000000000) /* the first address of all pages */
#define PAGE_BYTES 65536u               /* a multiple of every page size */
#define FIRST_CAPACITY 4096u /* a power of two, as are all capacities */

struct entry {
  uint64_t label;
  uint32_t parent;
  uint32_t site; /* 0: vacant */
};

struct site_table {
  struct entry *entries;
  size_t capacity;
  size_t count;
  bool is_busy; /* a thread uses it */
};

static struct site_table *table; /* in pages that are wiped in a child */

/*
** The pages are far from the addresses at which the system maps the program's
** pages. So the program's pages have the same addresses as without sites. In
** Python, the order of a set of objects depends on their addresses.
*/
void *site_table_pages(size_t bytes)
{
  static uint64_t next_place = PLACES;
  uint64_t step = (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
  uint64_t place = __atomic_fetch_add(&next_place, step, __ATOMIC_RELAXED);
  void *pages = mmap((void *)(uintptr_t)place, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED)
    return NULL;
  if (madvise(pages, bytes, MADV_WIPEONFORK) == 0)
    return pages;
  (void)munmap(pages, bytes);
  return NULL;
}

/* FNV-1a. */
uint64_t site_table_label(const char *text, size_t bytes)
{
  uint64_t label = UINT64_C(0xcbf29ce484222325);
  for (size_t at = 0; at < bytes; at++)
    label = (label ^ (unsigned char)text[at]) * UINT64_C(0x100000001b3);
  return label;
}

static size_t home_of(uint64_t label, uint32_t parent, size_t capacity)
{
  uint64_t mixed = (label ^ parent) * UINT64_C(0x9e3779b97f4a7c15);
  return (mixed ^ mixed >> 32) & (capacity - 1);
}

/* The entry of a site, or the vacant one where it belongs. */
static struct entry *find(const struct site_table *in, uint32_t parent,
                          uint64_t label)
{
  size_t at = home_of(label, parent, in->capacity);
  while (in->entries[at].site != 0 &&
         (in->entries[at].label != label || in->entries[at].parent != parent))
    at = (at + 1) & (in->capacity - 1);
  return &in->entries[at];
}

/* Makes room for one more: no more than half of the entries are used. */
static bool make_room(void)
{
  struct site_table old = *table;
  if (2 * old.count < old.capacity)
    return true;
  size_t capacity = old.capacity == 0 ? FIRST_CAPACITY : 2 * old.capacity;
  struct entry *entries = site_table_pages(capacity * sizeof *entries);
  if (entries == NULL)
    return false;
  table->entries = entries;
  table->capacity = capacity;
  for (size_t at = 0; at < old.capacity; at++)
    if (old.entries[at].site != 0)
      *find(table, old.entries[at].parent, old.entries[at].label) =
          old.entries[at];
  if (old.entries != NULL)
    (void)munmap(old.entries, old.capacity * sizeof *entries);
  return true;
}

static uint32_t define(uint32_t parent, uint64_t label, const char *text,
                       size_t bytes)
{
  if (!make_room())
    return 0;
  struct entry *entry = find(table, parent, label);
  if (entry->site != 0)
    return entry->site;
  *entry = (struct entry){label, parent, writer_site(parent, text, bytes)};
  table->count += entry->site != 0;
  return entry->site;
}

/* Maps the table, for the first thread that asks. */
static bool open_table(void)
{
  struct site_table *none = NULL, *pages;
  if (__atomic_load_n(&table, __ATOMIC_ACQUIRE) != NULL)
    return true;
  pages = site_table_pages(sizeof *pages);
  if (pages != NULL &&
      !__atomic_compare_exchange_n(&table, &none, pages, false,
                                   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    (void)munmap(pages, sizeof *pages);
  return pages != NULL;
}

/* false: there is no table. Otherwise no other thread uses it. */
static bool begin(void)
{
  if (!open_table())
    return false;
  while (__atomic_test_and_set(&table->is_busy, __ATOMIC_ACQUIRE))
    (void)sched_yield();
  return true;
}

static void end(void)
{
  __atomic_clear(&table->is_busy, __ATOMIC_RELEASE);
}

uint32_t site_table_find(uint32_t parent, uint64_t label)
{
  if (!begin())
    return 0;
  uint32_t site = table->capacity == 0 ? 0 : find(table, parent, label)->site;
  end();
  return site;
}

uint32_t site_table_define(uint32_t parent, uint64_t label, const char *text,
                           size_t bytes)
{
  if (!begin())
    return 0;
  uint32_t site = define(parent, label, text, bytes);
  end();
  return site;
}
