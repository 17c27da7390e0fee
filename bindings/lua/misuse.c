/*
** Reports of misuse of checked heaps in Lua: the report is raised as an error,
** once the request has ended. And what only checked heaps have: heap:poke.
*/
#include <stdio.h>
#include <string.h>

#include "misuse.h"
#include "argument.h"

/* Keeps the first report until it is raised. */
void binding_on_misuse(void *context, const pym_misuse *misuse)
{
  struct binding_heap *heap = context;
  if (heap->report[0] == '\0')
    (void)snprintf(heap->report, sizeof heap->report, "%s", misuse->report);
}

/* If Lua has no memory for the report, the next request raises it. */
void binding_raise_misuse(lua_State *L, struct binding_heap *heap)
{
  if (likely(heap->report[0] == '\0'))
    return;
  lua_pushfstring(L, "pymalloc: %s", heap->report);
  heap->report[0] = '\0';
  lua_error(L);
}

void binding_warn_misuse(lua_State *L, struct binding_heap *heap)
{
  if (heap->report[0] == '\0')
    return;
  lua_warning(L, "pymalloc: ", 1);
  lua_warning(L, heap->report, 0);
  heap->report[0] = '\0';
}

/***
** heap:poke(address, bytes): overwrites memory of the heap, to damage it on
** purpose. The heap must be checked, and the bytes must lie in one live arena;
** anything else raises an error.
** @tparam integer address of the first byte
** @tparam string bytes
** @usage
** local watched = pymalloc.heap { checked = true }
** local block = watched:malloc(24)
** watched:poke(block:address(), "hello")
** block:slice(1, 5):string() --> hello
*/
static int method_poke(lua_State *L)
{
  size_t count;
  pym_heap *heap = binding_check_heap(L, 1);
  void *address =
      (void *)(uintptr_t)binding_check_address(L, 2, "heap:poke: address");
  if (lua_type(L, 3) != LUA_TSTRING)
    return luaL_error(L, "pymalloc: heap:poke: bytes must be a string, got %s",
                      binding_describe(L, 3));
  const char *bytes = lua_tolstring(L, 3, &count);
  if (binding_open_heap(L, 1)->is_hosting)
    return luaL_error(L, "pymalloc: heap:poke: this Lua state lives on the "
                         "heap");
  if (!pym_is_checked(heap))
    return luaL_error(L, "pymalloc: heap:poke: only a heap made with checked "
                         "or debug can be poked");
  if (!pym_poke(heap, address, bytes, count))
    return luaL_error(L,
                      "pymalloc: heap:poke: the %I bytes at %p are not all in "
                      "one live arena of the heap",
                      (LUAI_UACINT)count, address);
  return 0;
}

/* Room for all that is known of one address. */
struct description {
  size_t count;
  char text[4096];
};

/* A pym_write that keeps what fits. */
static bool keep(void *context, const char *text, size_t bytes)
{
  struct description *description = context;
  size_t room = sizeof description->text - description->count;
  size_t kept = bytes < room ? bytes : room;
  memcpy(description->text + description->count, text, kept);
  description->count += kept;
  return true;
}

/***
** heap:describe(address): what a checked heap knows about an address, as text
** of one or more lines. For a heap that is not checked the text is empty.
** @tparam integer address
** @treturn string
** @usage
** local watched = pymalloc.heap { checked = true }
** local block = watched:malloc(24)
** watched:describe(block:address()):match("request #%d") --> request #1
*/
static int method_describe(lua_State *L)
{
  struct description description = {0};
  const pym_heap *heap = binding_check_heap(L, 1);
  const void *address = binding_check_address(L, 2, "heap:describe: address");
  (void)pym_describe(heap, address, keep, &description);
  lua_pushlstring(L, description.text, description.count);
  return 1;
}

const luaL_Reg binding_misuse_methods[] = {
    {"poke", method_poke}, {"describe", method_describe}, {NULL, NULL}};
