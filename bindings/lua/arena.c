/*
** pymalloc.Arena: a slot of the arenas vector, and the arena in it if there is
** one. Its state is "closed" (no arena), "usable" (it has a free pool) or
** "full". Links between arena objects are read as slot numbers. A field that
** has no meaning in a state is read as nil: the links of a full arena; of a
** closed slot all fields except the index, the address (0) and nextarena.
*/
#include "arena.h"

const struct binding_type binding_arena_type = {
    "pymalloc.Arena", UINT64_C(0xa4e7a1c05bd29f63), sizeof(struct view)};

/*
** {==================================================================
** Fields
** ===================================================================
*/

/* The arena object of the slot that the view at index 1 shows. */
static const struct arena_object *arena_at(lua_State *L, const pym_heap *heap,
                                           size_t slot)
{
  if (slot >= heap->maxarenas)
    luaL_error(L, "pymalloc: the heap has no slot %I for an arena",
               (LUAI_UACINT)slot);
  return &heap->arenas[slot];
}

const struct arena_object *arena_check(lua_State *L, int index, pym_heap **heap)
{
  const struct view *view = binding_check(L, index, &binding_arena_type);
  *heap = view_heap(L, index);
  return arena_at(L, *heap, view->place.slot);
}

static const char *state_name(const struct arena_object *arena)
{
  if (!arena_is_open(arena))
    return "closed";
  return arena_is_full(arena) ? "full" : "usable";
}

/***
** pymalloc.Arena: a view of a slot of the arenas vector. Each access reads the
** heap's memory. A field that has no meaning in the slot's state is nil: a
** closed slot has only index, state, address and nextarena; a full arena has
** no nextarena and no prevarena.
** @tfield integer index slot, counted from 0
** @tfield string state "closed" (no arena), "usable" (it has a free pool),
** "full"
** @tfield integer address of the arena; 0 for a closed slot
** @tfield integer pool_address address of the next pool that was never carved
** @tfield integer nfreepools number of pools that are free or were never
** carved
** @tfield integer ntotalpools number of its pools
** @tfield integer freepools address of the free pool that was given back last
** @tfield integer nextarena slot of the next usable arena; of a closed slot,
** of the next unused one
** @tfield integer prevarena slot of the previous usable arena
** @tfield integer serial ordinal: 1 for the heap's first arena
*/
#define FIELDS(X) \
  X(index)        \
  X(state)        \
  X(address)      \
  X(pool_address) \
  X(nfreepools)   \
  X(ntotalpools)  \
  X(freepools)    \
  X(nextarena)    \
  X(prevarena)    \
  X(serial)

enum field {
#define X(name) FIELD_##name,
  FIELDS(X)
#undef X
};

static const char *const field_names[] = {
#define X(name) #name,
    FIELDS(X)
#undef X
        NULL};

/* Pushes the slot of an arena object; nil for NULL and for a damaged link. */
static void push_slot(lua_State *L, const pym_heap *heap,
                      const struct arena_object *arena)
{
  uintptr_t offset = (uintptr_t)arena - (uintptr_t)heap->arenas;
  if (arena == NULL || offset / sizeof *arena >= heap->maxarenas)
    luaL_pushfail(L);
  else
    lua_pushinteger(L, (lua_Integer)(offset / sizeof *arena));
}

/* Pushes a field that an arena has and a closed slot does not have. */
static void push_arena_field(lua_State *L, enum field field,
                             const struct arena_object *arena)
{
  switch (field) {
  case FIELD_pool_address:
    view_push_address(L, arena->pool_address);
    break;
  case FIELD_nfreepools:
    lua_pushinteger(L, arena->nfreepools);
    break;
  case FIELD_ntotalpools:
    lua_pushinteger(L, arena->ntotalpools);
    break;
  case FIELD_freepools:
    view_push_address(L, arena->freepools);
    break;
  case FIELD_serial:
    lua_pushinteger(L, (lua_Integer)arena->serial);
    break;
  case FIELD_index:
  case FIELD_state:
  case FIELD_address:
  case FIELD_nextarena:
  case FIELD_prevarena:
    luaL_pushfail(L);
    break;
  }
}

static void push_field(lua_State *L, size_t number)
{
  pym_heap *heap;
  enum field field = (enum field)number;
  const struct arena_object *arena = arena_check(L, 1, &heap);
  bool is_open = arena_is_open(arena);
  bool is_usable = is_open && !arena_is_full(arena);
  switch (field) {
  case FIELD_index:
    lua_pushinteger(L, arena - heap->arenas);
    break;
  case FIELD_state:
    lua_pushstring(L, state_name(arena));
    break;
  case FIELD_address:
    lua_pushinteger(L, (lua_Integer)arena->address);
    break;
  case FIELD_nextarena:
    push_slot(L, heap, is_usable || !is_open ? arena->nextarena : NULL);
    break;
  case FIELD_prevarena:
    push_slot(L, heap, is_usable ? arena->prevarena : NULL);
    break;
  case FIELD_pool_address:
  case FIELD_nfreepools:
  case FIELD_ntotalpools:
  case FIELD_freepools:
  case FIELD_serial:
    if (is_open)
      push_arena_field(L, field, arena);
    else
      luaL_pushfail(L);
    break;
  }
}

static const struct view_fields fields = {&binding_arena_type, field_names,
                                          push_field};

/* }================================================================== */

static int tostring(lua_State *L)
{
  const struct view *view = binding_check(L, 1, &binding_arena_type);
  const pym_heap *heap = view_test_heap(L, 1);
  LUAI_UACINT slot = (LUAI_UACINT)view->place.slot;
  if (heap == NULL || view->place.slot >= heap->maxarenas) {
    lua_pushfstring(L, "pymalloc.Arena %I of a closed heap", slot);
    return 1;
  }
  const struct arena_object *arena = &heap->arenas[view->place.slot];
  if (arena_is_open(arena))
    lua_pushfstring(L, "pymalloc.Arena %I %s, %I of %I pools free", slot,
                    state_name(arena), (LUAI_UACINT)arena->nfreepools,
                    (LUAI_UACINT)arena->ntotalpools);
  else
    lua_pushfstring(L, "pymalloc.Arena %I closed", slot);
  return 1;
}

static int meta_index(lua_State *L)
{
  return view_index(L, &fields);
}

static int next_field(lua_State *L)
{
  return view_next_field(L, &fields);
}

static int meta_pairs(lua_State *L)
{
  return view_pairs(L, &binding_arena_type, next_field);
}

static int is_equal(lua_State *L)
{
  return view_is_equal(L, &binding_arena_type);
}

static const luaL_Reg functions[] = {{"__index", meta_index},
                                     {"__pairs", meta_pairs},
                                     {"__eq", is_equal},
                                     {"__tostring", tostring},
                                     {NULL, NULL}};

void binding_open_arena_type(lua_State *L)
{
  binding_new_type(L, &binding_arena_type, functions);
  luaL_setfuncs(L, arena_pool_methods, 0);
}
