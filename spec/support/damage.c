/*
** Writes to the fields of a heap, so that specs can test the checks.
*/
#include <string.h>

#include "faults.h"
#include "memory/medium.h"

struct field {
  size_t offset, bytes;
  const char *name;
};

#define FIELD(type, name) \
  offsetof(type, name), sizeof(((type *)NULL)->name), #name

static const struct field heap_fields[] = {
    {FIELD(pym_heap, unused_arena_objects)},
    {FIELD(pym_heap, order.usable_arenas)},
    {FIELD(pym_heap, maxarenas)},
    {FIELD(pym_heap, narenas_currently_allocated)},
    {FIELD(pym_heap, ntimes_arena_allocated)},
    {FIELD(pym_heap, narenas_highwater)},
    {FIELD(pym_heap, geometry.release)},
    {0, 0, NULL}};

static const struct field arena_fields[] = {
    {FIELD(struct arena_object, address)},
    {FIELD(struct arena_object, pool_address)},
    {FIELD(struct arena_object, nfreepools)},
    {FIELD(struct arena_object, ntotalpools)},
    {FIELD(struct arena_object, freepools)},
    {FIELD(struct arena_object, nextarena)},
    {FIELD(struct arena_object, prevarena)},
    {0, 0, NULL}};

static const struct field pool_fields[] = {
    {FIELD(struct pool_header, ref.count)},
    {FIELD(struct pool_header, freeblock)},
    {FIELD(struct pool_header, nextpool)},
    {FIELD(struct pool_header, prevpool)},
    {FIELD(struct pool_header, arenaindex)},
    {FIELD(struct pool_header, szidx)},
    {FIELD(struct pool_header, nextoffset)},
    {FIELD(struct pool_header, maxnextoffset)},
    {0, 0, NULL}};

static const struct field loan_fields[] = {{FIELD(struct loan, next)},
                                           {FIELD(struct loan, prev)},
                                           {FIELD(struct loan, free_count)},
                                           {FIELD(struct loan, carved)},
                                           {FIELD(struct loan, capacity)},
                                           {FIELD(struct loan, own[0])},
                                           {FIELD(struct loan, wide)},
                                           {FIELD(struct loan, bin)},
                                           {0, 0, NULL}};

static const struct field wide_fields[] = {{FIELD(struct wide_bits, owner)},
                                           {FIELD(struct wide_bits, next)},
                                           {0, 0, NULL}};

static const struct field span_fields[] = {
    {FIELD(struct span, used[0])},    {FIELD(struct span, units[0])},
    {FIELD(struct span, units[1])},   {FIELD(struct span, units[1017])},
    {FIELD(struct span, used_units)}, {FIELD(struct span, longest)},
    {FIELD(struct span, has_pages)},  {FIELD(struct span, low_word)},
    {FIELD(struct span, used[16])},   {0, 0, NULL}};

static const struct field range_fields[] = {
    {FIELD(struct medium_range, empty_count)},
    {FIELD(struct medium_range, lowest[0])},
    {FIELD(struct medium_range, lowest[15])},
    {0, 0, NULL}};

/* Pushes the old value at 'place', and writes the argument there, if any. */
static int exchange(lua_State *L, void *place, size_t bytes, int argument)
{
  uint64_t value = 0;
  memcpy(&value, place, bytes);
  lua_pushinteger(L, (lua_Integer)value);
  if (!lua_isnoneornil(L, argument)) {
    value = (uint64_t)luaL_checkinteger(L, argument);
    memcpy(place, &value, bytes);
  }
  return 1;
}

/* Exchanges the field named by 'argument'. The next argument is the value. */
static int exchange_field(lua_State *L, void *object,
                          const struct field *fields, int argument)
{
  const char *name = luaL_checkstring(L, argument);
  for (; fields->name != NULL; fields++)
    if (strcmp(fields->name, name) == 0)
      return exchange(L, (char *)object + fields->offset, fields->bytes,
                      argument + 1);
  return luaL_error(L, "pymalloc_faults: no field '%s'", name);
}

static struct arena_object *check_slot(lua_State *L, const pym_heap *heap)
{
  lua_Integer slot = luaL_checkinteger(L, 2);
  luaL_argcheck(L, (lua_Unsigned)slot < heap->maxarenas, 2, "no such slot");
  return &heap->arenas[slot];
}

static int heap_field(lua_State *L)
{
  return exchange_field(L, faults_check_heap(L), heap_fields, 2);
}

static int arena_field(lua_State *L)
{
  return exchange_field(L, check_slot(L, faults_check_heap(L)), arena_fields,
                        3);
}

static int pool_field(lua_State *L)
{
  (void)faults_check_heap(L);
  void *pool = (void *)(uintptr_t)luaL_checkinteger(L, 2);
  return exchange_field(L, pool, pool_fields, 3);
}

static int ring(lua_State *L)
{
  const pym_heap *heap = faults_check_heap(L);
  lua_Integer szidx = luaL_checkinteger(L, 2);
  luaL_argcheck(L, (lua_Unsigned)szidx < heap->class_count, 2, "no such class");
  lua_pushinteger(L, (lua_Integer)(uintptr_t)&heap->usedpools[szidx]);
  return 1;
}

static int arena_object(lua_State *L)
{
  struct arena_object *arena = check_slot(L, faults_check_heap(L));
  lua_pushinteger(L, (lua_Integer)(uintptr_t)arena);
  return 1;
}

static int last_arena(lua_State *L)
{
  const pym_heap *heap = faults_check_heap(L);
  lua_Integer group = luaL_checkinteger(L, 2);
  size_t most = geometry_arena_pools(&heap->geometry);
  luaL_argcheck(L, (lua_Unsigned)group <= most, 2, "no such group");
  return exchange(L, &heap->order.nfp2lasta[group], sizeof(void *), 3);
}

/* The first word of a free block is its link. */
static int exchange_link(lua_State *L)
{
  const pym_heap *heap = faults_check_heap(L);
  void *address = (void *)(uintptr_t)luaL_checkinteger(L, 2);
  luaL_argcheck(L, heap_find_pool(heap, address) != NULL, 2, "in no pool");
  return exchange(L, address, sizeof(void *), 3);
}

/* cache_slot(heap, bin, index [, address]): a block in a bin. */
static int cache_slot(lua_State *L)
{
  pym_heap *heap = faults_check_heap(L);
  lua_Integer bin = luaL_checkinteger(L, 2), index = luaL_checkinteger(L, 3);
  luaL_argcheck(L, bin > 0 && bin < PYM_BIN_COUNT, 2, "no such bin");
  luaL_argcheck(
      L, index >= 0 && index < heap->front.bins[bin].full - heap->bin_lows[bin],
      3, "no such slot");
  return exchange(L, &heap->bin_lows[bin][index], sizeof(void *), 4);
}

/* cache_top(heap, bin [, address]): the address of the top of a bin. */
static int cache_top(lua_State *L)
{
  pym_heap *heap = faults_check_heap(L);
  lua_Integer bin = luaL_checkinteger(L, 2);
  luaL_argcheck(L, bin > 0 && bin < PYM_BIN_COUNT, 2, "no such bin");
  return exchange(L, &heap->front.bins[bin].top, sizeof(void *), 3);
}

/* freed_last(heap [, address]): the block freed last, in no bin yet. */
static int freed_last(lua_State *L)
{
  pym_heap *heap = faults_check_heap(L);
  return exchange(L, &heap->front.freed_last, sizeof(void *), 2);
}

/* cache_size(heap, address [, units]): the recorded block size of its pool. */
static int cache_size(lua_State *L)
{
  pym_heap *heap = faults_check_heap(L);
  size_t offset = (size_t)luaL_checkinteger(L, 2) - heap->base;
  luaL_argcheck(L, offset < heap->front.span, 2, "not in the region");
  return exchange(L, &heap->bin_sizes[offset >> heap->front.pool_shift], 1, 3);
}

/* loan_field(heap, address, field [, value]): of the loan of its pool. */
static int loan_field(lua_State *L)
{
  const pym_heap *heap = faults_check_heap(L);
  void *address = (void *)(uintptr_t)luaL_checkinteger(L, 2);
  luaL_argcheck(L, loan_of(heap, address) != NULL, 2, "its pool is not lent");
  return exchange_field(L, loan_of(heap, address), loan_fields, 3);
}

/* wide_field(heap, address, field [, value]): of wide bits. */
static int wide_field(lua_State *L)
{
  const pym_heap *heap = faults_check_heap(L);
  void *address = (void *)(uintptr_t)luaL_checkinteger(L, 2);
  luaL_argcheck(L, loan_has_wide(heap, address), 2, "not of wide bits");
  return exchange_field(L, address, wide_fields, 3);
}

/* wide_free(heap [, address]): the first free wide bits. */
static int wide_free(lua_State *L)
{
  pym_heap *heap = faults_check_heap(L);
  return exchange(L, &heap->wide_bits.free, sizeof(void *), 2);
}

/* loan_current(heap, bin [, address]): of the current loan of a bin. */
static int loan_current(lua_State *L)
{
  pym_heap *heap = faults_check_heap(L);
  lua_Integer bin = luaL_checkinteger(L, 2);
  luaL_argcheck(L, bin > 0 && bin < PYM_BIN_COUNT, 2, "no such bin");
  return exchange(L, &heap->sources[bin].current, sizeof(void *), 3);
}

/* loan_last(heap, bin [, address]): of the last loan in the ring of a bin. */
static int loan_last(lua_State *L)
{
  pym_heap *heap = faults_check_heap(L);
  lua_Integer bin = luaL_checkinteger(L, 2);
  luaL_argcheck(L, bin > 0 && bin < PYM_BIN_COUNT, 2, "no such bin");
  return exchange(L, &heap->sources[bin].ring.prev, sizeof(void *), 3);
}

static struct medium *check_medium(lua_State *L)
{
  const pym_heap *heap = faults_check_heap(L);
  luaL_argcheck(L, heap->medium != NULL, 1, "it has no spans");
  return heap->medium;
}

/* span_field(heap, address, field [, value]): of the span of an address. */
static int span_field(lua_State *L)
{
  struct medium *medium = check_medium(L);
  uintptr_t address = (uintptr_t)luaL_checkinteger(L, 2);
  for (size_t i = 0; i < MEDIUM_RANGES; i++) {
    struct medium_range *range = &medium->ranges[i];
    size_t slot = (address - range->region.base) >> range->span_shift;
    if (slot < range->span_count)
      return exchange_field(L, &range->spans[slot], span_fields, 3);
  }
  return luaL_argerror(L, 2, "in no span");
}

/* range_field(heap, range, field [, value]): 0 is the fine range. */
static int range_field(lua_State *L)
{
  struct medium *medium = check_medium(L);
  lua_Integer index = luaL_checkinteger(L, 2);
  luaL_argcheck(L, index >= 0 && index < MEDIUM_RANGES, 2, "no such range");
  return exchange_field(L, &medium->ranges[index], range_fields, 3);
}

/* medium_kept(heap, class, index [, address]): a block that is kept. */
static int medium_kept(lua_State *L)
{
  struct medium *medium = check_medium(L);
  lua_Integer class = luaL_checkinteger(L, 2), index = luaL_checkinteger(L, 3);
  luaL_argcheck(L, class >= 0 && class < (lua_Integer)MEDIUM_CLASSES, 2,
                "no such class");
  luaL_argcheck(L, index >= 0 && index < (lua_Integer)MEDIUM_KEPT_MOST, 3,
                "no such block");
  return exchange(L, &medium->kept[class][index], sizeof(void *), 4);
}

/* medium_kept_count(heap, class [, count]) */
static int medium_kept_count(lua_State *L)
{
  struct medium *medium = check_medium(L);
  lua_Integer class = luaL_checkinteger(L, 2);
  luaL_argcheck(L, class >= 0 && class < (lua_Integer)MEDIUM_CLASSES, 2,
                "no such class");
  return exchange(L, &medium->kept_count[class], sizeof(size_t), 3);
}

const luaL_Reg faults_damage[] = {{"heap_field", heap_field},
                                  {"arena_field", arena_field},
                                  {"pool_field", pool_field},
                                  {"ring", ring},
                                  {"arena_object", arena_object},
                                  {"last_arena", last_arena},
                                  {"block_link", exchange_link},
                                  {"cache_slot", cache_slot},
                                  {"cache_top", cache_top},
                                  {"freed_last", freed_last},
                                  {"cache_size", cache_size},
                                  {"loan_field", loan_field},
                                  {"wide_field", wide_field},
                                  {"wide_free", wide_free},
                                  {"loan_current", loan_current},
                                  {"loan_last", loan_last},
                                  {"span_field", span_field},
                                  {"range_field", range_field},
                                  {"medium_kept", medium_kept},
                                  {"medium_kept_count", medium_kept_count},
                                  {NULL, NULL}};
