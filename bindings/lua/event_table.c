#include "event_table.h"

#include "argument.h"
#include "named_table.h"
#include "table.h"
#include "telling.h"

/*
** {==================================================================
** Places
** ===================================================================
*/

struct place_parts {
  size_t slot, pool, offset;
};

/* The parts of a place that is given as an offset from the region's base. */
static struct place_parts parts_of(uint64_t place, const pym_geometry *geometry)
{
  size_t in_slot = (size_t)(place & (geometry->arena_bytes - 1));
  size_t in_pool = in_slot & (geometry->pool_bytes - 1);
  return (struct place_parts){
      .slot = (size_t)(place >> log2_of(geometry->arena_bytes)),
      .pool = in_slot - in_pool - geometry_first_pool(geometry),
      .offset = in_pool};
}

/* Sets the fields that name a record in the table on the top. */
static void set_place(lua_State *L, enum event_record record, uint64_t where,
                      const pym_geometry *geometry)
{
  struct place_parts parts = parts_of(where, geometry);
  switch (record) {
  case EVENT_OF_HEAP:
  case EVENT_RECORD_COUNT:
    break;
  case EVENT_OF_ARENA:
    table_set_integer(L, "arena", where);
    break;
  case EVENT_OF_GROUP:
    table_set_integer(L, "group", where);
    break;
  case EVENT_OF_CLASS:
    table_set_integer(L, "class", where);
    break;
  case EVENT_OF_BLOCK:
    table_set_integer(L, "block", parts.offset); /* fall through */
  case EVENT_OF_POOL:
    table_set_integer(L, "arena", parts.slot);
    table_set_integer(L, "pool", parts.pool);
    break;
  }
}

static void push_place(lua_State *L, uint64_t place, bool is_pool,
                       const pym_geometry *geometry)
{
  struct place_parts parts = parts_of(place, geometry);
  if (place & EVENT_RING)
    lua_pushfstring(L, "class %I", (LUAI_UACINT)(place & ~EVENT_RING));
  else if (is_pool)
    lua_pushfstring(L, "%I:%I", (LUAI_UACINT)parts.slot,
                    (LUAI_UACINT)parts.pool);
  else
    lua_pushfstring(L, "%I:%I:%I", (LUAI_UACINT)parts.slot,
                    (LUAI_UACINT)parts.pool, (LUAI_UACINT)parts.offset);
}

/* }================================================================== */

/*
** {==================================================================
** Changes
** ===================================================================
*/

/* Pushes an address of an arena object as an offset, as the dump writes it. */
static void push_address(lua_State *L, const struct event_change *change,
                         uint64_t value, const pym_geometry *geometry)
{
  uint64_t first = change->where * geometry->arena_bytes;
  if (change->field == EVENT_F_POOL_ADDRESS)
    first += geometry_first_pool(geometry);
  else
    first = 0;
  lua_pushinteger(L, (lua_Integer)(value - first));
}

static void push_value(lua_State *L, const struct event_change *change,
                       uint64_t value, const pym_geometry *geometry)
{
  enum event_form form = event_field_form(change->field);
  if (value == EVENT_ABSENT)
    lua_pushnil(L);
  else if (form == EVENT_NUMBER)
    lua_pushinteger(L, (lua_Integer)value);
  else if (value == EVENT_NOWHERE)
    lua_pushliteral(L, "-");
  else if (value == EVENT_ELSEWHERE)
    lua_pushliteral(L, "?");
  else if (form == EVENT_SLOT)
    lua_pushinteger(L, (lua_Integer)value);
  else if (event_field_record(change->field) == EVENT_OF_ARENA &&
           form == EVENT_PLACE)
    push_address(L, change, value, geometry);
  else
    push_place(L, value, form == EVENT_LINK, geometry);
}

static void push_change(lua_State *L, const struct event_change *change,
                        const pym_geometry *geometry)
{
  enum event_record record = event_field_record(change->field);
  lua_createtable(L, 0, 8);
  table_set_string(L, "of", event_record_name(record));
  set_place(L, record, change->where, geometry);
  table_set_string(L, "field", event_field_name(change->field));
  push_value(L, change, change->old_value, geometry);
  lua_setfield(L, -2, "old");
  push_value(L, change, change->new_value, geometry);
  lua_setfield(L, -2, "new");
}

void event_push_value(lua_State *L, const struct event_change *change,
                      const pym_geometry *geometry)
{
  push_value(L, change, change->new_value, geometry);
}

/* }================================================================== */

void event_push(lua_State *L, const struct event *event,
                const pym_geometry *geometry)
{
  lua_createtable(L, 0, 12);
  table_set_integer(L, "request", event->request);
  table_set_integer(L, "index", event->index);
  table_set_string(L, "kind", event_name(event->kind));
  table_set_string(L, "operation", event_operation_name(event->operation));
  table_set_integer(L, "bytes", event->bytes);
  table_set_string(L, "about", event_record_name(event->about));
  set_place(L, event->about, event->where, geometry);
  if (event->szidx != EVENT_NOWHERE)
    table_set_integer(L, "class", event->szidx);
  lua_createtable(L, (int)event->change_count, 0);
  for (uint32_t i = 0; i < event->change_count; i++) {
    push_change(L, &event->changes[i], geometry);
    table_append(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "changes");
  named_table_mark(L, NAMED_EVENT);
}

uint64_t event_check_kinds(lua_State *L, int index, const char *what)
{
  return (uint64_t)binding_check_integer(L, index, what, 0,
                                         (lua_Integer)EVENT_ALL);
}

/* An array of {name =, meaning =, detail =, bit =}. */
static void push_kinds(lua_State *L)
{
  lua_createtable(L, EVENT_KIND_COUNT, 0);
  for (unsigned i = 0; i < EVENT_KIND_COUNT; i++) {
    enum event_kind kind = (enum event_kind)i;
    lua_createtable(L, 0, 4);
    table_set_string(L, "name", event_name(kind));
    table_set_string(L, "meaning", event_meaning(kind));
    lua_pushboolean(L, (EVENT_DETAILS & EVENT_BIT(kind)) != 0);
    lua_setfield(L, -2, "detail");
    table_set_integer(L, "bit", EVENT_BIT(kind));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

/* An array of {of =, name =}. */
static void push_fields(lua_State *L)
{
  lua_createtable(L, EVENT_FIELD_COUNT, 0);
  for (unsigned i = 0; i < EVENT_FIELD_COUNT; i++) {
    enum event_field field = (enum event_field)i;
    lua_createtable(L, 0, 2);
    table_set_string(L, "of", event_record_name(event_field_record(field)));
    table_set_string(L, "name", event_field_name(field));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

int binding_open_events(lua_State *L)
{
  lua_newtable(L);
  luaL_setfuncs(L, telling_functions, 0);
  push_kinds(L);
  lua_setfield(L, -2, "kinds");
  push_fields(L);
  lua_setfield(L, -2, "fields");
  return 1;
}
