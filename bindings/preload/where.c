#define _GNU_SOURCE

#include "where.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unwind.h>

#include "modules.h"
#include "recorder.h"

/*
** Entries of a table, and the bits of their indices. A return address has 47
** bits: with an index, it is a key.
*/
#define INDEX_BITS 17
#define ENTRIES (1u << INDEX_BITS)
#define ENTRIES_MAX (ENTRIES - ENTRIES / 4)
#define ROOT 0

#define END UINT32_MAX            /* there is no next return address */
#define VARIABLE (UINT32_MAX - 1) /* it is not always at the same place */

#define PATHS_BYTES ((uint32_t)16 << 20)
#define RECENT_BITS 12
#define RECENT_BYTES (sizeof(struct path *) << RECENT_BITS)

/* More between two return addresses is no usual frame: it is unwound. */
#define FRAME_BYTES_MAX 4096u

#define PAUSE_NANOSECONDS 50000

struct entry {
  uint64_t
      key; /* of a return address and the entry of the inner one; 0: free */
  uint32_t next;  /* the place of the next return address, END or VARIABLE */
  uint32_t value; /* in 'nodes', at the end: of 'paths'; in 'sites': the site */
};

struct table {
  struct entry *entries;
  uint32_t count;
};

/* What is true of a stack, in one piece. It does not change. */
struct path {
  uint32_t site;  /* of the innermost frame */
  uint32_t count; /* of the return addresses */
  struct {
    uintptr_t address;
    uint32_t place; /* of the first one: it need not be looked at */
  } frames[];
};

struct frame {
  uintptr_t address; /* the return address */
  uintptr_t place;   /* where it is in the stack; 0: elsewhere */
};

/* Frames of the C++ library and of the recorder, inside the program's own. */
#define INNER_MAX 8

struct stack {
  struct frame frames[WHERE_DEPTH_MAX + INNER_MAX];
  size_t count;
  uintptr_t caller; /* the return address of the recorder's function */
};

unsigned where_depth;

static struct table nodes; /* the tree, from the innermost return address */
static struct table steps; /* return address -> bytes to the next one */
static struct table sites; /* the sites, from the outermost return address */
static char *paths;
static uint32_t paths_bytes; /* used so far */
static const struct path *
    *recent; /* by caller and frame: the last path found */
static uintptr_t
    first_place; /* of a return address, from a frame; 0: unknown */
static bool is_busy;
static FAST_LOCAL uintptr_t stack_top; /* of this thread, as far as seen */

/*
** {==================================================================
** Tables
** ===================================================================
*/

static uint64_t key_of(uint32_t parent, uintptr_t address)
{
  return (uint64_t)address << INDEX_BITS ^ parent;
}

/* The entry of a key, or the free one where it belongs. */
static struct entry *look_up(const struct table *table, uint64_t key)
{
  uint64_t hash = key * UINT64_C(0x9e3779b97f4a7c15);
  uint32_t at = (uint32_t)(hash >> (64 - INDEX_BITS));
  for (;; at = (at + 1) % ENTRIES) {
    struct entry *entry = &table->entries[at];
    uint64_t found = __atomic_load_n(&entry->key, __ATOMIC_ACQUIRE);
    if (at != ROOT && (found == key || found == 0))
      return entry;
  }
}

static uint32_t index_of(const struct table *table, const struct entry *entry)
{
  return (uint32_t)(entry - table->entries);
}

static void *map(size_t bytes)
{
  void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return pages == MAP_FAILED ? NULL : pages;
}

static bool open_tables(void)
{
  nodes.entries = map(ENTRIES * sizeof(struct entry));
  steps.entries = map(ENTRIES * sizeof(struct entry));
  sites.entries = map(ENTRIES * sizeof(struct entry));
  recent = map(RECENT_BYTES);
  paths = map(PATHS_BYTES);
  return nodes.entries != NULL && steps.entries != NULL &&
         sites.entries != NULL && recent != NULL && paths != NULL;
}

static const struct path *path_at(uint32_t at)
{
  return (const struct path *)(paths + at);
}

/* }================================================================== */

/*
** {==================================================================
** Unwinding
** ===================================================================
*/

static _Unwind_Reason_Code add_frame(struct _Unwind_Context *context,
                                     void *state)
{
  struct stack *stack = state;
  struct frame frame = {.address = _Unwind_GetIP(context),
                        .place = _Unwind_GetCFA(context) - sizeof(uintptr_t)};
  if (stack->count == 0 && frame.address != stack->caller)
    return _URC_NO_REASON; /* of the recorder */
  if (frame.address == 0)
    return _URC_END_OF_STACK;
  if (stack->count == where_depth + INNER_MAX)
    return _URC_END_OF_STACK;
  stack->frames[stack->count++] = frame;
  return _URC_NO_REASON;
}

/* The bytes from a return address in the stack to the next one. */
static uint32_t step_of(const struct stack *stack, size_t i)
{
  uintptr_t place = stack->frames[i + 1].place;
  uintptr_t bytes = place - stack->frames[i].place;
  if (place % sizeof(uintptr_t) != 0 || bytes == 0 || bytes > FRAME_BYTES_MAX ||
      *(const uintptr_t *)place != stack->frames[i + 1].address)
    return VARIABLE;
  return (uint32_t)bytes;
}

/* Remembers the steps of a stack that was unwound. */
static void learn(const struct stack *stack, const char *frame)
{
  for (size_t i = 0; i < stack->count && steps.count < ENTRIES_MAX; i++) {
    uint64_t key = key_of(ROOT, stack->frames[i].address);
    struct entry *entry = look_up(&steps, key);
    bool is_last = i + 1 == stack->count;
    if (is_last && stack->count == where_depth + INNER_MAX) /* there are more */
      break;
    uint32_t next = is_last ? END : step_of(stack, i);
    if (entry->key == 0) {
      entry->next = next;
      __atomic_store_n(&entry->key, key, __ATOMIC_RELEASE);
      steps.count++;
    } else if (entry->next != next) {
      __atomic_store_n(&entry->next, VARIABLE, __ATOMIC_RELEASE);
    }
  }
  first_place = stack->frames[0].place - (uintptr_t)frame;
}

/*
** Unwinds by the steps that are known, without the tables. Most functions have
** frames of one size. false: a step is not known, or is not always the same.
*/
static bool unwind_by_steps(struct stack *stack, const char *frame)
{
  uintptr_t address = stack->caller;
  uintptr_t place = (uintptr_t)frame + first_place;
  while (first_place != 0 && place <= stack_top) {
    const struct entry *entry = look_up(&steps, key_of(ROOT, address));
    uint32_t next = __atomic_load_n(&entry->next, __ATOMIC_RELAXED);
    if (entry->key == 0 || next == VARIABLE)
      return false;
    stack->frames[stack->count++] = (struct frame){address, place};
    if (next == END || stack->count == where_depth + INNER_MAX)
      return true;
    place += next;
    if (place <= stack_top)
      address = *(const uintptr_t *)place;
  }
  return false;
}

/* The frames from the program's innermost on: without the C++ library's. */
static size_t first_of_program(const struct stack *stack)
{
  size_t first = 0;
  for (size_t i = 0; i < stack->count && i < INNER_MAX; i++)
    if (modules_is_recorder(stack->frames[i].address))
      first = i + 1;
  return first;
}

/* }================================================================== */

/*
** {==================================================================
** Sites
** ===================================================================
*/

/* The site of a frame that is called from a site. */
static uint32_t site_of(uint32_t parent, uintptr_t address)
{
  struct entry *entry = look_up(&sites, key_of(parent, address));
  if (entry->key != 0)
    return entry->value;
  if (sites.count == ENTRIES_MAX)
    return parent;
  modules_see(address);
  entry->value = writer_frame(parent, address);
  entry->key = key_of(parent, address);
  sites.count++;
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

/* The place of the return address 'i', from the frame, if it is a usual one. */
static uint32_t place_of(const struct stack *stack, const char *frame, size_t i)
{
  if (step_of(stack, i - 1) == VARIABLE)
    return VARIABLE;
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
  return nodes.count + count < ENTRIES_MAX &&
         paths_bytes + (count + 1) * sizeof(struct frame) < PATHS_BYTES;
}

/* Adds the first 'count' frames of a stack to the tree. */
static void add_stack(const struct stack *stack, const char *frame,
                      size_t count, uint32_t site)
{
  uint32_t parent = ROOT;
  if (!has_room(count))
    return;
  for (size_t i = 0; i < count; i++) {
    uint64_t key = key_of(parent, stack->frames[i].address);
    struct entry *entry = look_up(&nodes, key);
    uint32_t next = i + 1 == count ? END : place_of(stack, frame, i + 1);
    if (entry->key == 0) {
      entry->next = next;
      if (next == END)
        entry->value = add_path(stack, frame, count, site);
      __atomic_store_n(&entry->key, key, __ATOMIC_RELEASE);
      nodes.count++;
    } else if (entry->next != next) {
      __atomic_store_n(&entry->next, VARIABLE, __ATOMIC_RELEASE);
      memset(recent, 0, RECENT_BYTES); /* a path of it is not to be trusted */
    }
    if (entry->next == VARIABLE)
      return;
    parent = index_of(&nodes, entry);
  }
}

/* }================================================================== */

static uint32_t add(const struct stack *stack, const char *frame, bool is_new)
{
  const struct timespec pause = {.tv_nsec = PAUSE_NANOSECONDS};
  size_t first = first_of_program(stack);
  size_t end = first + where_depth;
  if (end > stack->count)
    end = stack->count;
  while (__atomic_test_and_set(&is_busy, __ATOMIC_ACQUIRE))
    (void)nanosleep(&pause, NULL);
  if (is_new)
    learn(stack, frame);
  uint32_t site = define_sites(stack, first, end);
  add_stack(stack, frame, end, site);
  __atomic_clear(&is_busy, __ATOMIC_RELEASE);
  return site;
}

/*
** Signals are blocked meanwhile: the request of a handler would wait for the
** thread that it has interrupted.
*/
static __attribute__((noinline)) uint32_t unwind(const char *frame,
                                                 uintptr_t caller)
{
  struct stack stack = {.caller = caller};
  int error = errno;
  sigset_t all, before;
  (void)recorder_enter();
  bool is_new = !unwind_by_steps(&stack, frame);
  if (is_new) {
    stack.count = 0;
    (void)_Unwind_Backtrace(add_frame, &stack);
  }
  if (stack.count == 0) /* the caller has no table */
    stack.frames[stack.count++].address = caller;
  (void)sigfillset(&all);
  (void)sigprocmask(SIG_SETMASK, &all, &before);
  if (stack.frames[stack.count - 1].place > stack_top)
    stack_top = stack.frames[stack.count - 1].place;
  uint32_t site = add(&stack, frame, is_new);
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
  uint32_t parent = ROOT;
  for (;;) {
    const struct entry *entry = look_up(&nodes, key_of(parent, address));
    if (entry->key == 0)
      return NULL;
    uint32_t next = __atomic_load_n(&entry->next, __ATOMIC_RELAXED);
    if (next == END)
      return path_at(entry->value);
    if (next == VARIABLE || (uintptr_t)frame + next > stack_top)
      return NULL;
    address = *(const uintptr_t *)(frame + next);
    parent = index_of(&nodes, entry);
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

/* Pages that are given back are zeros again. */
void where_restart(void)
{
  if (where_depth == 0)
    return;
  (void)madvise(nodes.entries, ENTRIES * sizeof(struct entry), MADV_DONTNEED);
  (void)madvise(steps.entries, ENTRIES * sizeof(struct entry), MADV_DONTNEED);
  (void)madvise(sites.entries, ENTRIES * sizeof(struct entry), MADV_DONTNEED);
  memset(recent, 0, RECENT_BYTES);
  nodes.count = steps.count = sites.count = paths_bytes = 0;
  is_busy = false;
  modules_restart();
}
