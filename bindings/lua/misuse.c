/*
** Reports of misuse of checked heaps in Lua: the report is raised as an error,
** once the request has ended.
*/
#include <stdio.h>

#include "misuse.h"

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
