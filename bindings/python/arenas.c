#include "arenas.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Slots for which placed arenas have addresses. */
#define SLOT_COUNT (sizeof(void *) == 4 ? 1024u : 8192u)

/* Of CPython. Weak: a program without them can load the witness, too. */
extern void PyObject_GetArenaAllocator(struct arena_source *source)
    __attribute__((weak));
extern void PyObject_SetArenaAllocator(const struct arena_source *source)
    __attribute__((weak));

/*
** {==================================================================
** The sorted addresses of live arenas
** ===================================================================
*/

/* The number of live arenas that begin at 'address' or below. */
static size_t rank(const struct arenas *arenas, uintptr_t address)
{
  size_t low = 0, high = arenas->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (arenas->addresses[middle] <= address)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static bool grow(struct arenas *arenas)
{
  size_t capacity = arenas->capacity == 0 ? 64 : 2 * arenas->capacity;
  void *grown = realloc(arenas->addresses, capacity * sizeof(uintptr_t));
  if (grown == NULL)
    return false;
  arenas->addresses = grown;
  arenas->capacity = capacity;
  return true;
}

static bool insert(struct arenas *arenas, uintptr_t address)
{
  if (arenas->count == arenas->capacity && !grow(arenas))
    return false;
  uintptr_t *place = arenas->addresses + rank(arenas, address);
  size_t behind = (size_t)(arenas->addresses + arenas->count - place);
  memmove(place + 1, place, behind * sizeof *place);
  *place = address;
  arenas->count++;
  return true;
}

/* Removes the live arena at the address; false if there is none. */
static bool take_out(struct arenas *arenas, uintptr_t address)
{
  size_t index = rank(arenas, address);
  if (index == 0 || arenas->addresses[index - 1] != address)
    return false;
  uintptr_t *place = arenas->addresses + index - 1;
  size_t behind = arenas->count - index;
  memmove(place, place + 1, behind * sizeof *place);
  arenas->count--;
  return true;
}

/* }================================================================== */

/*
** {==================================================================
** Where arenas come from
** ===================================================================
*/

static size_t misalignment(const struct arenas *arenas, uintptr_t address)
{
  return address & (arenas->pool_bytes - 1);
}

/* Maps an arena that misses the alignment of pools by arenas->offset. */
static void *map_missing(const struct arenas *arenas)
{
  size_t bytes = arenas->arena_bytes + 2 * arenas->pool_bytes;
  void *all = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED)
    return NULL;
  uintptr_t start = (uintptr_t)all;
  uintptr_t address = align_up(start, arenas->pool_bytes) + arenas->offset;
  uintptr_t end = address + arenas->arena_bytes;
  if (address > start)
    (void)munmap(all, address - start);
  if (end < start + bytes)
    (void)munmap((void *)end, start + bytes - end);
  return (void *)address;
}

/*
** Lets CPython map an arena. If it is aligned as pools are and the others are
** not, or the other way round, its number of pools differs: it is exchanged.
*/
static void *obtain_mapped(struct arenas *arenas)
{
  void *arena = arenas->own.alloc(arenas->own.context, arenas->arena_bytes);
  if (arena == NULL)
    return NULL;
  if (arenas->is_mixed ||
      (misalignment(arenas, (uintptr_t)arena) == 0) == (arenas->offset == 0))
    return arena;
  arenas->own.free(arenas->own.context, arena, arenas->arena_bytes);
  arenas->exchanged++;
  return map_missing(arenas);
}

/* CPython takes slots last in, first out, and else in ascending order. */
static void *obtain_placed(struct arenas *arenas)
{
  bool is_again = arenas->unused_count > 0;
  if (!is_again && arenas->touched_count == SLOT_COUNT)
    return NULL;
  size_t slot = is_again ? arenas->unused[--arenas->unused_count]
                         : arenas->touched_count++;
  void *address =
      (void *)(arenas->base + slot * arenas->arena_bytes + arenas->offset);
  void *arena = mmap(address, arenas->arena_bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  return arena == MAP_FAILED ? NULL : arena;
}

static void release_placed(struct arenas *arenas, void *arena)
{
  size_t slot = ((uintptr_t)arena - arenas->base) / arenas->arena_bytes;
  (void)mmap(arena, arenas->arena_bytes, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
  arenas->unused[arenas->unused_count++] = (uint32_t)slot;
}

static bool reserve_places(struct arenas *arenas)
{
  size_t bytes = (SLOT_COUNT + 2) * arenas->arena_bytes;
  void *all = mmap(NULL, bytes, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (all == MAP_FAILED)
    return false;
  arenas->base = align_up((uintptr_t)all, arenas->arena_bytes);
  arenas->unused = calloc(SLOT_COUNT, sizeof *arenas->unused);
  return arenas->unused != NULL;
}

/* }================================================================== */

/*
** {==================================================================
** The arena allocator that CPython calls
** ===================================================================
*/

static bool may_obtain(struct arenas *arenas)
{
  if (arenas->allowed == 0)
    return false;
  if (arenas->allowed != SIZE_MAX)
    arenas->allowed--;
  return true;
}

static void give_back(struct arenas *arenas, void *arena)
{
  if (arenas->base != 0)
    release_placed(arenas, arena);
  else
    arenas->own.free(arenas->own.context, arena, arenas->arena_bytes);
}

void *arenas_obtain(struct arenas *arenas, size_t bytes)
{
  if (bytes != arenas->arena_bytes) /* no arena? */
    return arenas->own.alloc(arenas->own.context, bytes);
  if (!may_obtain(arenas))
    return NULL;
  void *arena =
      arenas->base != 0 ? obtain_placed(arenas) : obtain_mapped(arenas);
  if (arena == NULL)
    return NULL;
  if (!insert(arenas, (uintptr_t)arena)) {
    give_back(arenas, arena);
    return NULL;
  }
  arenas->obtained++;
  if (arenas->watch.obtained != NULL)
    arenas->watch.obtained(arenas->watch.context,
                           misalignment(arenas, (uintptr_t)arena));
  return arena;
}

void arenas_release(struct arenas *arenas, void *chunk, size_t bytes)
{
  pym_location place;
  /* the address of a pool: the first one begins less than a pool behind */
  bool is_arena =
      bytes == arenas->arena_bytes &&
      arenas_locate(arenas, (char *)chunk + arenas->pool_bytes, &place) &&
      take_out(arenas, (uintptr_t)chunk);
  if (!is_arena) {
    arenas->own.free(arenas->own.context, chunk, bytes);
    return;
  }
  arenas->released++;
  if (arenas->watch.released != NULL)
    arenas->watch.released(arenas->watch.context, place.arena);
  give_back(arenas, chunk);
}

static void *source_alloc(void *arenas, size_t bytes)
{
  return arenas_obtain(arenas, bytes);
}

static void source_free(void *arenas, void *chunk, size_t bytes)
{
  arenas_release(arenas, chunk, bytes);
}

static void *map(void *context, size_t bytes)
{
  (void)context;
  void *chunk = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return chunk == MAP_FAILED ? NULL : chunk;
}

static void unmap(void *context, void *chunk, size_t bytes)
{
  (void)context;
  (void)munmap(chunk, bytes);
}

/* CPython's own arena allocator. That of 2.7 cannot be asked for. */
static struct arena_source own_source(void)
{
  struct arena_source own = {.alloc = map, .free = unmap};
  if (PyObject_GetArenaAllocator != NULL)
    PyObject_GetArenaAllocator(&own);
  return own;
}

/* The offset of an arena that CPython maps now; SIZE_MAX: no memory. */
static size_t probe_offset(const struct arenas *arenas)
{
  const struct arena_source *own = &arenas->own;
  void *arena = own->alloc(own->context, arenas->arena_bytes);
  if (arena == NULL)
    return SIZE_MAX;
  own->free(own->context, arena, arenas->arena_bytes);
  return misalignment(arenas, (uintptr_t)arena);
}

bool arenas_open(struct arenas *arenas, size_t arena_bytes, size_t pool_bytes,
                 size_t offset)
{
  bool is_mapped = offset == SIZE_MAX;
  *arenas = (struct arenas){.arena_bytes = arena_bytes,
                            .pool_bytes = pool_bytes,
                            .allowed = SIZE_MAX,
                            .own = own_source(),
                            .offset = offset};
  if (is_mapped)
    arenas->offset = probe_offset(arenas);
  if (arenas->offset == SIZE_MAX || (!is_mapped && !reserve_places(arenas)))
    return false;
  if (PyObject_SetArenaAllocator != NULL)
    PyObject_SetArenaAllocator(&(struct arena_source){
        .context = arenas, .alloc = source_alloc, .free = source_free});
  return true;
}

/* }================================================================== */

/*
** {==================================================================
** Looking at them
** ===================================================================
*/

static uintptr_t first_pool(const struct arenas *arenas, uintptr_t arena)
{
  return align_up(arena, arenas->pool_bytes);
}

/* CPython wrote the slot into the header of every pool. */
static size_t slot_of(const struct arenas *arenas, uintptr_t arena)
{
  const void *pool = (const void *)first_pool(arenas, arena);
  return ((const struct pool_header *)pool)->arenaindex;
}

size_t arenas_slot(const struct arenas *arenas, size_t index)
{
  return slot_of(arenas, arenas->addresses[index]);
}

uintptr_t arenas_find(const struct arenas *arenas, size_t slot)
{
  for (size_t i = 0; i < arenas->count; i++)
    if (arenas_slot(arenas, i) == slot)
      return arenas->addresses[i];
  return 0;
}

const struct pool_header *arenas_pool(const struct arenas *arenas,
                                      uintptr_t arena, size_t index)
{
  uintptr_t address = first_pool(arenas, arena) + index * arenas->pool_bytes;
  const struct pool_header *pool = (const struct pool_header *)address;
  bool is_inside = address + arenas->pool_bytes <= arena + arenas->arena_bytes;
  /* A fresh arena is zero; a pool's first block begins behind its header. */
  return is_inside && pool->nextoffset != 0 ? pool : NULL;
}

bool arenas_locate(const struct arenas *arenas, const void *address,
                   pym_location *place)
{
  size_t index = rank(arenas, (uintptr_t)address);
  if (index == 0)
    return false;
  uintptr_t arena = arenas->addresses[index - 1];
  uintptr_t pools = first_pool(arenas, arena);
  if ((uintptr_t)address - arena >= arenas->arena_bytes ||
      (uintptr_t)address < pools)
    return false;
  size_t offset = (uintptr_t)address - pools;
  *place = (pym_location){.arena = slot_of(arenas, arena),
                          .pool = offset & ~(arenas->pool_bytes - 1),
                          .offset = offset & (arenas->pool_bytes - 1)};
  return true;
}

/* }================================================================== */
