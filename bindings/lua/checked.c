/*
** Methods of checked heaps: heap:poke damages a heap on purpose, heap:describe
** tells what the heap knows about an address.
*/
#include <string.h>

#include "checked.h"
#include "argument.h"
#include "heap.h"

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
    return luaL_error(L, "pymalloc: heap:poke: this Lua state is hosted on the "
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

const luaL_Reg binding_checked_methods[] = {
    {"poke", method_poke}, {"describe", method_describe}, {NULL, NULL}};
