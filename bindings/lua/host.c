/*
** Hosting: puts the running Lua state on a heap.
**
** From then on the state's allocator is host_alloc. A block is freed by the
** allocator that made it. The address tells which one that is:
**
**   in the region of the heap             the heap, from its pools
**   in the addresses of its spans         the heap, from a span
**   elsewhere, and in the set 'outside'   the heap, from its raw allocator
**   elsewhere, and not in the set         the allocator that the state had
**
** A block allocated before hosting moves to the heap when it is resized. The
** last block that a state frees has its main thread in it. It was allocated before
** hosting; after it the heap is deleted too.
**
** If there is no memory, host_alloc returns NULL: Lua then collects garbage,
** tries again and raises its error. No function here calls Lua, so that the
** collector can make requests too.
*/
#include <stdlib.h>
#include <string.h>

#include "address_set.h"
#include "host.h"
#include "argument.h"
#include "heap.h"
#include "limited.h"
#include "options.h"
#include "recording.h"
#include "pymalloc_inline.h"
#include "serve/medium_blocks.h"

#define HOSTING_PROFILE "3.11"

struct host {
  pym_heap *core; /* of 'heap' */
  lua_Alloc below;
  void *below_context;
  struct address_set outside; /* blocks of the heap that raw serves */
  uintptr_t main_thread;      /* lies in the last block that the state frees */
  struct binding_heap *heap;  /* its record */
};

/* The address of this is the registry's key of the hosting heap. */
static const char hosting_key;

/*
** LeakSanitizer looks for pointers in mapped memory only if it is told to. Lua
** objects on the heap hold pointers to others, so it is told of the regions of
** pools and of spans.
*/
/* NOLINTBEGIN(bugprone-reserved-identifier): its names */
extern void __lsan_register_root_region(const void *address, size_t bytes)
    __attribute__((weak));
extern void __lsan_unregister_root_region(const void *address, size_t bytes)
    __attribute__((weak));
/* NOLINTEND(bugprone-reserved-identifier) */

/*
** {==================================================================
** The allocator
** ===================================================================
*/

typedef void tell_of_root(const void *address, size_t bytes);

static void tell_of_roots(const pym_heap *core, tell_of_root *tell)
{
  if (tell == NULL)
    return;
  tell((const void *)core->base, region_span(&core->region));
  for (size_t i = 0; core->medium != NULL && i < MEDIUM_RANGES; i++) {
    const struct region *region = &core->medium->ranges[i].region;
    tell((const void *)region->base, region_span(region));
  }
}

static void end(struct host *host)
{
  tell_of_roots(host->core, __lsan_unregister_root_region);
  binding_end_hosting(host->heap);
  address_set_close(&host->outside);
  free(host);
}

/* Does the address tell that a block is the heap's? */
static inline bool is_inside(const struct host *host, const void *address)
{
  return heap_owns(host->core, address) ||
         medium_blocks_own(host->core, address);
}

/*
** Enters a new block in the set, if it is raw. NULL: there is no block, or the
** set cannot grow.
*/
static void *note(struct host *host, void *taken)
{
  if (taken == NULL || is_inside(host, taken))
    return taken;
  if (address_set_reserve(&host->outside)) {
    address_set_add(&host->outside, taken);
    return taken;
  }
  pym_free(host->core, taken);
  return NULL;
}

static NOINLINE void *take_slowly(struct host *host, size_t bytes)
{
  return note(host, pym_malloc(host->core, bytes));
}

/* The blocks of the cache are inside the region. */
static inline void *take(struct host *host, size_t bytes)
{
  struct pym_front *front = pym_front_of(host->core);
  if (likely(bytes <= front->threshold)) {
    void *taken = pym_bin_take(pym_bin_of(front, bytes));
    if (likely(taken != NULL))
      return taken;
  }
  return take_slowly(host, bytes);
}

/*
** Moves a block that was allocated before hosting to the heap. If the heap has
** no memory, the block can still shrink in place, as Lua expects.
*/
static void *move_in(struct host *host, void *old, size_t old_bytes,
                     size_t bytes)
{
  void *moved = take(host, bytes);
  if (moved == NULL)
    return bytes > old_bytes
               ? NULL
               : host->below(host->below_context, old, old_bytes, bytes);
  memcpy(moved, old, old_bytes < bytes ? old_bytes : bytes);
  (void)host->below(host->below_context, old, old_bytes, 0);
  return moved;
}

/* Resizes a block that is outside of the region, or that leaves it. */
static NOINLINE void *resize_outside(struct host *host, void *old,
                                     size_t old_bytes, size_t bytes)
{
  bool was_outside = !is_inside(host, old);
  if (was_outside && !address_set_has(&host->outside, old))
    return move_in(host, old, old_bytes, bytes);
  if (!address_set_reserve(&host->outside))
    return NULL;
  void *resized = pym_realloc_sized(host->core, old, old_bytes, bytes);
  if (resized == NULL || resized == old)
    return resized;
  if (was_outside)
    (void)address_set_remove(&host->outside, old);
  if (!is_inside(host, resized))
    address_set_add(&host->outside, resized);
  return resized;
}

/* Not inlined, so that malloc and free need not save the registers of a copy. */
static NOINLINE void *resize(struct host *host, void *old, size_t old_bytes,
                             size_t bytes)
{
  const struct pym_front *front = pym_front_of(host->core);
  if (bytes > front->threshold || !pym_front_owns(front, old))
    return resize_outside(host, old, old_bytes, bytes);
  if (pym_bin_of(pym_front_of(host->core), old_bytes) ==
      pym_bin_of(pym_front_of(host->core), bytes))
    return old;
  void *moved = take(host, bytes);
  if (moved == NULL)
    return NULL;
  memcpy(moved, old, old_bytes < bytes ? old_bytes : bytes);
  pym_free_sized_inline(host->core, old, old_bytes);
  return moved;
}

/* Frees a block that the cache does not keep. Returns NULL. */
static NOINLINE void *give_slowly(struct host *host, void *old, size_t bytes)
{
  if (is_inside(host, old) || address_set_remove(&host->outside, old)) {
    pym_free_sized(host->core, old, bytes);
    return NULL;
  }
  bool is_last = host->main_thread - (uintptr_t)old < bytes;
  (void)host->below(host->below_context, old, bytes, 0);
  if (is_last)
    end(host);
  return NULL;
}

static void *host_alloc(void *context, void *old, size_t old_bytes,
                        size_t bytes)
{
  struct host *host = context;
  struct pym_front *front = pym_front_of(host->core);
  if (old == NULL) /* 'old_bytes' is then a type tag */
    return bytes == 0 ? NULL : take(host, bytes);
  if (unlikely(bytes != 0))
    return resize(host, old, old_bytes, bytes);
  if (likely(old_bytes <= front->threshold && pym_front_owns(front, old)) &&
      likely(pym_bin_give(pym_bin_of(front, old_bytes), old)))
    return NULL;
  return give_slowly(host, old, old_bytes);
}

/* }================================================================== */

/*
** {==================================================================
** pymalloc.host
** ===================================================================
*/

/*
** The registry has the main thread, but scripts can write to the registry, so
** the value found there is checked.
*/
static const lua_State *main_thread(lua_State *L)
{
  (void)lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  lua_State *main = lua_tothread(L, -1);
  lua_pop(L, 1);
  if (main == NULL || !lua_checkstack(main, 1))
    luaL_error(L, "pymalloc: host: the registry has no main thread");
  bool is_main = lua_pushthread(main);
  lua_pop(main, 1);
  if (!is_main)
    luaL_error(L, "pymalloc: host: the main thread in the registry is another "
                  "thread");
  return main;
}

static void check_unhosted(lua_State *L)
{
  void *context;
  if (binding_is_recording(L))
    luaL_error(L, "pymalloc: host: a recording is on, which ends by putting "
                  "back the allocator that was there before");
  if (binding_is_limited(L))
    luaL_error(L, "pymalloc: host: a call with limits runs, which ends by "
                  "putting back the allocator that was there before");
  if (lua_getallocf(L, &context) == host_alloc)
    luaL_error(L, "pymalloc: host: this Lua state is hosted already: see "
                  "pymalloc.hosting()");
}

/* Replaces the allocator as the last step: nothing after it raises errors. */
static bool move_onto(lua_State *L, struct binding_heap *heap,
                      const lua_State *main)
{
  struct host *host = calloc(1, sizeof *host);
  if (host == NULL)
    return false;
  host->heap = heap;
  host->core = heap->core;
  host->main_thread = (uintptr_t)main;
  host->below = lua_getallocf(L, &host->below_context);
  if (!address_set_open(&host->outside)) {
    free(host);
    return false;
  }
  heap->is_hosting = true;
  tell_of_roots(host->core, __lsan_register_root_region);
  lua_setallocf(L, host_alloc, host);
  return true;
}

/*
** Puts the state on the heap just pushed. A finalizer that ran while the heap
** was made may have hosted the state already, so that is checked again.
*/
static int finish(lua_State *L, const lua_State *main)
{
  check_unhosted(L);
  if (!move_onto(L, binding_open_heap(L, -1), main))
    return binding_no_memory(L, sizeof(struct host));
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &hosting_key);
  return 1;
}

/***
** pymalloc.host([options]): moves this Lua state onto a new heap. All later
** requests of the state are served by the heap; blocks allocated before go
** back to the allocator that they came from. The heap is closed when the state
** is. In a state that is already hosted, and inside pymalloc.trace.record, a
** call raises an error.
** @tparam[opt] pymalloc.Options options the defaults are those of
** pym_options_hosting: profile "3.11" with pools of 32 KiB, a cache, medium
** requests, and more retained bytes; a profile that is named has its own pools
** @treturn pymalloc.Heap or nil, a message and "ENOMEM"
** @usage
** local heap = assert(pymalloc.host { max_bytes = 64 << 20 })
** local words = { "one", "two" }
** heap:stats().blocks > 0 --> true
*/
static int host_state(lua_State *L)
{
  pym_options options = pym_options_hosting();
  const char *profile = HOSTING_PROFILE;
  check_unhosted(L);
  binding_read_options_over(L, 1, &options, &profile);
  const lua_State *main = main_thread(L);
  lua_pushboolean(L, false); /* makes room in the registry for the heap */
  lua_rawsetp(L, LUA_REGISTRYINDEX, &hosting_key);
  int pushed = binding_push_heap(L, &options, profile);
  return pushed == 1 ? finish(L, main) : pushed;
}

/***
** pymalloc.hosting(): the heap that serves this Lua state.
** @treturn pymalloc.Heap or nil in a state that is not hosted
** @usage pymalloc.hosting() --> nil
*/
static int hosting(lua_State *L)
{
  (void)lua_rawgetp(L, LUA_REGISTRYINDEX, &hosting_key);
  const struct binding_heap *heap = binding_test_heap(L, -1);
  if (heap == NULL || !heap->is_hosting)
    luaL_pushfail(L);
  return 1;
}

/* }================================================================== */

const luaL_Reg binding_host_functions[] = {
    {"host", host_state}, {"hosting", hosting}, {NULL, NULL}};
