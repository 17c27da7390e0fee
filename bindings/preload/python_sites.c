#define _GNU_SOURCE

#include "python_sites.h"

#include <stddef.h>
#include <sys/mman.h>

#include "python_stack.h"
#include "site_table.h"

#define CODES 4096u /* powers of two */
#define LABELS 16384u
#define FRAMES 65536u
#define FILTER_BITS 131072u

/* A code object has another serial number when its memory is used again. */
struct known_code {
  const char *code;
  uint32_t serial;
  struct stack_lines lines;
};

struct known_label {
  uint32_t serial; /* of the code object; 0: vacant */
  uint32_t instruction;
  uint64_t label; /* of the text of such frames */
};

struct known_frame {
  uint32_t parent;
  uint32_t serial; /* of its code object; 0: vacant */
  uint32_t instruction;
  uint32_t site;
};

/* All zeros: nothing is remembered. */
struct sites {
  struct stack_frame stack[SITES_DEPTH_MAX]; /* the last one, outermost first */
  uint32_t sites[SITES_DEPTH_MAX];           /* of its frames */
  unsigned count;
  const void *cut; /* its outermost frame, if others are left out */
  uint32_t cut_site;
  uint32_t serials;               /* given so far */
  struct known_code codes[CODES]; /* a new one may replace another, in all */
  struct known_label labels[LABELS];
  struct known_frame frames[FRAMES];
};

/* One bit for several addresses: set if one of them was a code object. */
static uint64_t filter[FILTER_BITS / 64];

struct sites *sites_new(void)
{
  return site_table_pages(sizeof(struct sites));
}

void sites_clear(struct sites *sites)
{
  (void)madvise(sites, sizeof *sites, MADV_DONTNEED); /* zeros again */
}

static inline size_t hash_of(uint64_t value, size_t count)
{
  value *= UINT64_C(0x9e3779b97f4a7c15);
  return (size_t)(value >> 32) & (count - 1);
}

static inline size_t bit_of(const void *block)
{
  return hash_of((uintptr_t)block >> 4, FILTER_BITS);
}

bool sites_may_have(const void *block)
{
  size_t bit = bit_of(block);
  uint64_t word = __atomic_load_n(&filter[bit / 64], __ATOMIC_RELAXED);
  return (word >> bit % 64 & 1) != 0;
}

static struct known_code *code_entry(struct sites *sites, const void *code)
{
  return &sites->codes[hash_of((uintptr_t)code >> 4, CODES)];
}

void sites_forget(struct sites *sites, const void *block)
{
  struct known_code *entry = code_entry(sites, block);
  if (entry->code == block)
    entry->code = NULL;
  for (unsigned at = 0; at < sites->count; at++)
    if (sites->stack[at].code == block)
      sites->count = at;
}

static uint32_t new_serial(struct sites *sites, struct known_code *entry,
                           const char *code)
{
  size_t bit = bit_of(code);
  (void)__atomic_fetch_or(&filter[bit / 64], UINT64_C(1) << bit % 64,
                          __ATOMIC_RELAXED);
  *entry = (struct known_code){.code = code, .serial = ++sites->serials};
  return entry->serial;
}

static uint32_t define(uint32_t parent, struct known_code *code,
                       const struct stack_frame *frame,
                       struct known_label *known)
{
  char text[STACK_TEXT_BYTES];
  size_t bytes = stack_text(frame, &code->lines, text);
  if (bytes == 0) /* a code object that is being deallocated */
    return parent;
  uint64_t label = site_table_label(text, bytes);
  *known =
      (struct known_label){code->serial, (uint32_t)frame->instruction, label};
  return site_table_define(parent, label, text, bytes);
}

/* Finds a site that the table of frames does not have. */
static uint32_t find_site(struct sites *sites, uint32_t parent,
                          struct known_code *code,
                          const struct stack_frame *frame)
{
  uint32_t instruction = (uint32_t)frame->instruction, site = 0;
  uint32_t serial = code->serial;
  uint64_t mixed = (uint64_t)instruction << 32 | serial;
  struct known_label *known = &sites->labels[hash_of(mixed, LABELS)];
  if (known->serial == serial && known->instruction == instruction)
    site = site_table_find(parent, known->label);
  return site != 0 ? site : define(parent, code, frame, known);
}

static uint32_t find_frame(struct sites *sites, uint32_t parent,
                           const struct stack_frame *frame)
{
  struct known_code *code = code_entry(sites, frame->code);
  uint32_t serial = code->code == frame->code
                        ? code->serial
                        : new_serial(sites, code, frame->code);
  uint32_t instruction = (uint32_t)frame->instruction;
  uint64_t mixed = ((uint64_t)parent << 32 | serial) ^
                   instruction * UINT64_C(0xff51afd7ed558ccd);
  struct known_frame *known = &sites->frames[hash_of(mixed, FRAMES)];
  if (known->serial == serial && known->parent == parent &&
      known->instruction == instruction)
    return known->site;
  uint32_t site = find_site(sites, parent, code, frame);
  *known = (struct known_frame){parent, serial, instruction, site};
  return site;
}

/* The site that the outermost frame is called by. */
static uint32_t root_of(struct sites *sites, bool is_cut)
{
  static const char dots[] = "...";
  const size_t bytes = sizeof dots - 1;
  if (!is_cut)
    return 0;
  if (sites->cut_site == 0)
    sites->cut_site =
        site_table_define(0, site_table_label(dots, bytes), dots, bytes);
  return sites->cut_site;
}

/* Reads the stack. *cut: the outermost frame, if others are left out. */
static unsigned read_stack(const struct sites *sites, const void *thread,
                           unsigned depth, struct stack_frame *frames,
                           const void **cut)
{
  const struct stack_part part = {(depth + 1) / 2, depth, sites->cut};
  bool is_cut;
  unsigned count = stack_read(thread, &part, frames, &is_cut);
  *cut = NULL;
  if (!is_cut)
    return count;
  if (frames[count - 1].address != sites->cut)
    count = depth - depth / 4;
  *cut = frames[count - 1].address;
  return count;
}

static bool is_same(const struct stack_frame *one,
                    const struct stack_frame *other)
{
  return one->instruction == other->instruction && one->code == other->code;
}

/* Finds the sites of the levels from 'level' on. */
static uint32_t find_from(struct sites *sites, unsigned level)
{
  bool is_cut = sites->cut != NULL;
  uint32_t site = level > 0 ? sites->sites[level - 1] : root_of(sites, is_cut);
  for (; level < sites->count; level++) {
    site = find_frame(sites, site, &sites->stack[level]);
    sites->sites[level] = site;
  }
  return site;
}

/* Reads the stack again. Returns the number of levels that did not change. */
static unsigned read_again(struct sites *sites, const void *thread,
                           unsigned depth)
{
  struct stack_frame frames[SITES_DEPTH_MAX]; /* innermost first */
  const void *cut;
  unsigned count = read_stack(sites, thread, depth, frames, &cut);
  unsigned most = count < sites->count ? count : sites->count, known = 0;
  if ((cut == NULL) != (sites->cut == NULL))
    most = 0;
  while (known < most &&
         is_same(&sites->stack[known], &frames[count - 1 - known]))
    known++;
  for (unsigned level = 0; level < count; level++)
    sites->stack[level] = frames[count - 1 - level];
  sites->count = count;
  sites->cut = cut;
  return known;
}

uint32_t sites_find(struct sites *sites, const void *thread, unsigned depth)
{
  const struct stack_part part = {(depth + 1) / 2, depth, sites->cut};
  unsigned changed;
  if (!stack_follow(thread, &part, sites->stack, &sites->count, &changed))
    changed = read_again(sites, thread, depth);
  return sites->count > 0 ? find_from(sites, changed) : 0;
}
