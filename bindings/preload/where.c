#define _GNU_SOURCE

#include "where.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "modules.h"
#include "recorder.h"
#include "where_stack.h"
#include "where_table.h"

#define PATHS_BYTES ((uint32_t)16 << 20)
#define RECENT_BITS 12
#define RECENT_BYTES (sizeof(struct path *) << RECENT_BITS)

#define PAUSE_NANOSECONDS 50000

/* The facts about one stack, in one piece. A path does not change. */
struct path {
  uint32_t site;  /* of the innermost frame */
  uint32_t count; /* of the return addresses */
  struct {
    uintptr_t address;
    uint32_t place; /* of the first one: it need not be looked at */
  } frames[];
};

unsigned where_depth;

static struct table nodes; /* the tree; a value is the index of a path */
static struct table sites; /* from the outermost address; a value is a site */
static char *paths;
static uint32_t paths_bytes;       /* used so far */
static const struct path **recent; /* by caller and frame: the last one found */
static bool is_busy;
static FAST_LOCAL uintptr_t stack_top; /* of this thread, as far as seen */

static bool open_tables(void)
{
  recent = table_map(RECENT_BYTES);
  paths = table_map(PATHS_BYTES);
  return table_open(&nodes) && table_open(&sites) && stack_open() &&
         recent != NULL && paths != NULL;
}

static const struct path *path_at(uint32_t at)
{
  return (const struct path *)(paths + at);
}

/*
** {==================================================================
** Sites
** ===================================================================
*/

/* The site of a frame that is called from a site. */
static uint32_t site_of(uint32_t parent, uintptr_t address)
{
  struct table_entry *entry = table_look_up(&sites, table_key(parent, address));
  if (entry->key != 0)
    return entry->value;
  if (sites.count == TABLE_ENTRIES_MAX)
    return parent;
  modules_see(address);
  entry->value = writer_frame(parent, address);
  table_add(&sites, entry, table_key(parent, address));
  return entry->value;
}

static uint32_t define_sites(const struct stack *stack, size_t first,
                             size_t end)
{
  uint32_t site = 0;
  for (size_t i = end; i > first; i--)
    site = site_of(site, stack->frames[i - 1].address);
  return site;
}

/*
** The distance from the frame to the place of the return address 'i', in bytes;
** TABLE_VARIABLE: it is not always the same.
*/
static uint32_t place_of(const struct stack *stack, const char *frame, size_t i)
{
  if (stack_step(stack, i - 1) == TABLE_VARIABLE)
    return TABLE_VARIABLE;
  return (uint32_t)(stack->frames[i].place - (uintptr_t)frame);
}

/* Makes the path of the first 'count' frames. Returns its index. */
static uint32_t add_path(const struct stack *stack, const char *frame,
                         size_t count, uint32_t site)
{
  struct path *path = (struct path *)(paths + paths_bytes);
  uint32_t at = paths_bytes;
  path->site = site;
  path->count = (uint32_t)count;
  for (size_t i = 0; i < count; i++) {
    path->frames[i].address = stack->frames[i].address;
    path->frames[i].place = i == 0 ? 0 : place_of(stack, frame, i);
  }
  paths_bytes += (uint32_t)(sizeof *path + count * sizeof path->frames[0]);
  return at;
}

static bool has_room(size_t count)
{
  return nodes.count + count < TABLE_ENTRIES_MAX &&
         paths_bytes + (count + 1) * sizeof(struct stack_frame) < PATHS_BYTES;
}

/* Adds the first 'count' frames of a stack to the tree. */
static void add_stack(const struct stack *stack, const char *frame,
                      size_t count, uint32_t site)
{
  uint32_t parent = TABLE_ROOT;
  if (!has_room(count))
    return;
  for (size_t i = 0; i < count; i++) {
    uint64_t key = table_key(parent, stack->frames[i].address);
    struct table_entry *entry = table_look_up(&nodes, key);
    uint32_t next = i + 1 == count ? TABLE_END : place_of(stack, frame, i + 1);
    if (entry->key == 0) {
      entry->next = next;
      if (next == TABLE_END)
        entry->value = add_path(stack, frame, count, site);
      table_add(&nodes, entry, key);
    } else if (entry->next != next) {
      table_vary(entry);
      memset(recent, 0, RECENT_BYTES); /* its paths may be wrong now */
    }
    if (entry->next == TABLE_VARIABLE)
      return;
    parent = table_index(&nodes, entry);
  }
}

/* }================================================================== */

static uint32_t add(const struct stack *stack, const char *frame)
{
  const struct timespec pause = {.tv_nsec = PAUSE_NANOSECONDS};
  size_t first = stack_first(stack);
  size_t end = first + where_depth;
  if (end > stack->count)
    end = stack->count;
  while (__atomic_test_and_set(&is_busy, __ATOMIC_ACQUIRE))
    (void)nanosleep(&pause, NULL);
  if (stack->is_new)
    stack_learn(stack, frame);
  uint32_t site = define_sites(stack, first, end);
  add_stack(stack, frame, end, site);
  __atomic_clear(&is_busy, __ATOMIC_RELEASE);
  return site;
}

/*
** Signals are blocked meanwhile: a request made by a signal handler would wait
** for the thread that the handler has interrupted, and so for ever.
*/
static __attribute__((noinline)) uint32_t unwind(const char *frame,
                                                 uintptr_t caller)
{
  struct stack stack;
  int error = errno;
  sigset_t all, before;
  stack.caller = caller;
  (void)recorder_enter();
  stack_unwind(&stack, frame, stack_top);
  (void)sigfillset(&all);
  (void)sigprocmask(SIG_SETMASK, &all, &before);
  if (stack.frames[stack.count - 1].place > stack_top)
    stack_top = stack.frames[stack.count - 1].place;
  uint32_t site = add(&stack, frame);
  (void)sigprocmask(SIG_SETMASK, &before, NULL);
  recorder_leave();
  errno = error;
  return site;
}

/* Is it the path of the stack? All its places are in the stack. */
static inline bool is_path(const struct path *path, const char *frame,
                           uintptr_t caller)
{
  if (path == NULL || path->frames[0].address != caller ||
      (uintptr_t)frame + path->frames[path->count - 1].place > stack_top)
    return false;
  for (uint32_t i = 1; i < path->count; i++)
    if (*(const uintptr_t *)(frame + path->frames[i].place) !=
        path->frames[i].address)
      return false;
  return true;
}

/* The path of the stack in the tree, or NULL. */
static const struct path *find(const char *frame, uintptr_t caller)
{
  uintptr_t address = caller;
  uint32_t parent = TABLE_ROOT;
  for (;;) {
    const struct table_entry *entry =
        table_find(&nodes, table_key(parent, address));
    if (entry == NULL)
      return NULL;
    uint32_t next = table_next(entry);
    if (next == TABLE_END)
      return path_at(entry->value);
    if (next == TABLE_VARIABLE || (uintptr_t)frame + next > stack_top)
      return NULL;
    address = *(const uintptr_t *)(frame + next);
    parent = table_index(&nodes, entry);
  }
}

uint32_t where_find(const char *frame, uintptr_t caller)
{
  uint64_t hash = (caller ^ (uintptr_t)frame) * UINT64_C(0x9e3779b97f4a7c15);
  const struct path **place = &recent[hash >> (64 - RECENT_BITS)];
  const struct path *path = __atomic_load_n(place, __ATOMIC_ACQUIRE);
  if (is_path(path, frame, caller))
    return path->site;
  path = find(frame, caller);
  if (path == NULL)
    return unwind(frame, caller);
  __atomic_store_n(place, path, __ATOMIC_RELEASE);
  return path->site;
}

void where_open(void)
{
  const char *depth = getenv("PYMALLOC_RECORD_DEPTH");
  unsigned long wanted = depth == NULL ? 0 : strtoul(depth, NULL, 10);
  if (wanted == 0 || !open_tables())
    return;
  modules_open();
  where_depth = wanted < WHERE_DEPTH_MAX ? (unsigned)wanted : WHERE_DEPTH_MAX;
}

void where_restart(void)
{
  if (where_depth == 0)
    return;
  table_clear(&nodes);
  table_clear(&sites);
  stack_restart();
  memset(recent, 0, RECENT_BYTES);
  paths_bytes = 0;
  is_busy = false;
  modules_restart();
}
