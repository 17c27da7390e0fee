#include "input.h"

#include <stdio.h>
#include <stdlib.h>

#define BYTES_MAX ((size_t)1 << 26) /* the largest raw block */

void input_fail(const char *fact, const char *file, int line)
{
  (void)fprintf(stderr, "%s:%d: not true: %s\n", file, line, fact);
  abort();
}

/* Numbers in and around the allowed ranges; most combinations are refused. */
static pym_geometry any_geometry(struct input *input)
{
  return (pym_geometry){.alignment = (size_t)8 << input_byte(input) % 4,
                        .threshold = (size_t)8 * (input_byte(input) + 1u),
                        .pool_bytes = (size_t)128 << input_byte(input) % 8,
                        .arena_bytes = (size_t)512 << input_byte(input) % 11,
                        .arena_offset = (size_t)8 * input_word(input) % 8192,
                        .release = (pym_release)(input_byte(input) % 3)};
}

pym_geometry input_geometry(struct input *input)
{
  size_t count;
  const pym_profile *profiles = pym_profiles(&count);
  uint8_t choice = input_byte(input);
  if (choice % 2 == 1) {
    pym_geometry geometry = any_geometry(input);
    if (pym_geometry_check(&geometry, NULL, 0))
      return geometry;
  }
  return profiles[choice / 2 % count].geometry;
}

pym_options input_options(struct input *input)
{
  pym_options options = pym_options_default();
  uint8_t flags = input_byte(input);
  options.geometry = input_geometry(input);
  options.checked = (flags & 1) != 0;
  options.debug = (pym_debug)((flags >> 1) % 3);
  options.count_hops = (flags & 8) != 0;
  options.retain_bytes = (flags & 16) != 0 ? 0 : options.retain_bytes;
  options.quarantine = (flags & 32) != 0 ? input_byte(input) : 0;
  options.check_every = (flags & 64) != 0 ? input_byte(input) : 0;
  options.max_arenas = (flags & 128) != 0 ? input_byte(input) % 8 : SIZE_MAX;
  options.reserve_bytes = (size_t)4 << 20;
  flags = input_byte(input);
  if ((flags & 1) != 0)
    options.cache_blocks = input_byte(input);
  if ((flags & 2) != 0)
    options.cache_bytes = (size_t)64 * input_byte(input);
  if ((flags & 4) != 0)
    options.max_bytes = (size_t)1024 * input_word(input);
  options.medium = (flags & 16) != 0;
  return options;
}

bool input_drop(void *context, const char *text, size_t bytes)
{
  (void)context, (void)text, (void)bytes;
  return true;
}

/*
** {==================================================================
** Ledger
** ===================================================================
*/

static void *enter(struct ledger *ledger, struct ledger_link *link)
{
  if (link == NULL)
    return NULL;
  link->previous = &ledger->ring;
  link->next = ledger->ring.next;
  link->next->previous = link;
  ledger->ring.next = link;
  ledger->count++;
  return link + 1;
}

static struct ledger_link *leave(struct ledger *ledger, void *data)
{
  struct ledger_link *link = (struct ledger_link *)data - 1;
  link->previous->next = link->next;
  link->next->previous = link->previous;
  ledger->count--;
  return link;
}

/* Is this the call that must fail? */
static bool is_due(size_t *countdown)
{
  return *countdown > 0 && --*countdown == 0;
}

/* Must a request of that many bytes be refused? */
static bool refuses(struct ledger *ledger, size_t bytes)
{
  return is_due(&ledger->raw_countdown) || bytes > BYTES_MAX;
}

static void *ledger_malloc(void *context, size_t bytes)
{
  if (refuses(context, bytes))
    return NULL;
  return enter(context, malloc(sizeof(struct ledger_link) + bytes));
}

static void *ledger_calloc(void *context, size_t count, size_t bytes)
{
  if (refuses(context, count * bytes))
    return NULL;
  return enter(context, calloc(1, sizeof(struct ledger_link) + count * bytes));
}

static void *ledger_realloc(void *context, void *data, size_t bytes)
{
  if (data == NULL)
    return ledger_malloc(context, bytes);
  if (refuses(context, bytes))
    return NULL;
  struct ledger_link *link = leave(context, data);
  struct ledger_link *moved = realloc(link, sizeof(struct ledger_link) + bytes);
  void *resized = enter(context, moved != NULL ? moved : link);
  return moved != NULL ? resized : NULL;
}

static void ledger_free(void *context, void *data)
{
  free(leave(context, data));
}

static void *ledger_reserve(void *context, size_t bytes, size_t alignment)
{
  struct ledger *ledger = context;
  return ledger->pages.reserve(ledger->pages.context, bytes, alignment);
}

static bool ledger_commit(void *context, void *address, size_t bytes)
{
  struct ledger *ledger = context;
  return !is_due(&ledger->page_countdown) &&
         ledger->pages.commit(ledger->pages.context, address, bytes);
}

static void ledger_decommit(void *context, void *address, size_t bytes)
{
  struct ledger *ledger = context;
  ledger->pages.decommit(ledger->pages.context, address, bytes);
}

static void ledger_release(void *context, void *address, size_t bytes)
{
  struct ledger *ledger = context;
  ledger->pages.release(ledger->pages.context, address, bytes);
}

static void ledger_large(void *context, void *address, size_t bytes,
                         bool begins)
{
  struct ledger *ledger = context;
  ledger->pages.large(ledger->pages.context, address, bytes, begins);
}

void ledger_stand_below(struct ledger *ledger, pym_options *options)
{
  *ledger = (struct ledger){.ring = {&ledger->ring, &ledger->ring},
                            .pages = options->pages};
  options->pages = (pym_pages){.context = ledger,
                               .page_bytes = options->pages.page_bytes,
                               .reserve = ledger_reserve,
                               .commit = ledger_commit,
                               .decommit = ledger_decommit,
                               .release = ledger_release,
                               .large = ledger_large};
  options->raw = (pym_raw){.context = ledger,
                           .malloc = ledger_malloc,
                           .calloc = ledger_calloc,
                           .realloc = ledger_realloc,
                           .free = ledger_free};
}

void ledger_close(struct ledger *ledger)
{
  while (ledger->ring.next != &ledger->ring)
    ledger_free(ledger, ledger->ring.next + 1);
}

/* }================================================================== */
