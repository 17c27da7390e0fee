/*
** The dump and the report of a heap as Lua strings.
**
** A text is measured first and then written into a userdata. So no error is
** raised in the middle of a walk, and no memory leaks. If the Lua state is hosted
** on the heap, the userdata is one block more and the text becomes longer; so
** some more bytes are allocated.
*/
#include <stdio.h>
#include <string.h>

#include "text.h"
#include "argument.h"
#include "heap.h"

#define MORE_BYTES 256u

struct text {
  char *bytes;
  size_t capacity, count; /* 'count' grows also if there is no room */
};

static bool add(void *context, const char *piece, size_t bytes)
{
  struct text *text = context;
  if (text->count <= text->capacity && bytes <= text->capacity - text->count)
    memcpy(text->bytes + text->count, piece, bytes);
  text->count += bytes;
  return true;
}

typedef bool (*text_writer)(const pym_heap *heap, pym_write write,
                            void *context);

/* Pushes the text that 'writer' writes of the heap that is argument 1. */
static int push_text(lua_State *L, text_writer writer)
{
  char no_room;
  struct text text = {.bytes = &no_room};
  for (;;) {
    text.count = 0;
    (void)writer(binding_check_heap(L, 1), add, &text);
    if (text.count <= text.capacity)
      break;
    lua_settop(L, 1);
    text.capacity = text.count + text.count / 8 + MORE_BYTES;
    text.bytes = binding_push_scratch(L, text.capacity);
  }
  lua_pushlstring(L, text.bytes, text.count);
  return 1;
}

static bool write_report(const pym_heap *heap, pym_write write, void *context)
{
  return pym_report(heap, true, write, context);
}

static bool write_report_without_map(const pym_heap *heap, pym_write write,
                                     void *context)
{
  return pym_report(heap, false, write, context);
}

/*
** The field 'arena_map' of the table that is argument 2. The default is true.
*/
static bool wants_arena_map(lua_State *L)
{
  if (lua_isnoneornil(L, 2))
    return true;
  if (!lua_istable(L, 2))
    luaL_error(L,
               "pymalloc: heap:debugmallocstats: options must be a table, got "
               "%s",
               binding_describe(L, 2));
  if (lua_getfield(L, 2, "arena_map") == LUA_TNIL)
    return true;
  if (!lua_isboolean(L, -1))
    luaL_error(L,
               "pymalloc: heap:debugmallocstats: arena_map must be true or "
               "false, got %s",
               binding_describe(L, -1));
  return lua_toboolean(L, -1);
}

/***
** heap:debugmallocstats([options]): the report of sys._debugmallocstats() on
** the small-object allocator, byte for byte as CPython of this geometry prints
** it. CPython's function prints the free lists of its types after it.
** @tparam[opt] table options arena_map = false leaves out the section on the
** arena map, which 3.10 and later have
** @treturn string
** @usage heap:debugmallocstats():match("[^,]+") --> Small block threshold = 512
*/
static int debugmallocstats(lua_State *L)
{
  (void)binding_check_heap(L, 1);
  return push_text(L, wants_arena_map(L) ? write_report
                                         : write_report_without_map);
}

/***
** heap:dump(): the whole state as text, without addresses. Heaps in equal
** states have equal dumps.
** @treturn string
** @usage heap:dump():match("usable[^\n]*") --> usable 0
*/
static int dump(lua_State *L)
{
  return push_text(L, pym_dump);
}

/* Writes a fact that the dump does not have. */
static bool write_fact(pym_write write, void *context, const char *name,
                       size_t which, size_t value)
{
  char line[96];
  int bytes = snprintf(line, sizeof line, "%s %zu %zu\n", name, which, value);
  return write(context, line, (size_t)bytes);
}

static bool write_state(const pym_heap *heap, pym_write write, void *context)
{
  bool is_written =
      write_fact(write, context, "raw_blocks", 0, heap->raw_blocks);
  for (size_t slot = 0; slot < heap->maxarenas; slot++) {
    const struct arena_object *arena = heap_arena(heap, slot);
    if (arena != NULL)
      is_written = is_written &&
                   write_fact(write, context, "serial", slot, arena->serial);
  }
  return is_written && pym_dump(heap, write, context);
}

int binding_state(lua_State *L)
{
  (void)binding_check_heap(L, 1);
  return push_text(L, write_state);
}

const luaL_Reg binding_text_methods[] = {
    {"debugmallocstats", debugmallocstats}, {"dump", dump}, {NULL, NULL}};
