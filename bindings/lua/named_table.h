/*
** Plain tables with the name of their kind. Each kind has one metatable, with
** __name, __metatable and, once pymalloc/tables.lua is loaded, __tostring. It
** has nothing else: such a table is read, written and walked as any other.
*/
#ifndef NAMED_TABLE_H
#define NAMED_TABLE_H

#include <lua.h>

/* X(kind, name) */
#define NAMED_TABLES(X)      \
  X(EVENT, "Event")          \
  X(GEOMETRY, "Geometry")    \
  X(PLACE, "Place")          \
  X(SIZE_CLASS, "SizeClass") \
  X(STATS, "Stats")          \
  X(CLASS_STATS, "ClassStats")

enum named_table {
#define X(kind, name) NAMED_##kind,
  NAMED_TABLES(X)
#undef X
      NAMED_COUNT
};

/* Gives the table on the top the metatable of its kind. Pops nothing. */
void named_table_mark(lua_State *L, enum named_table kind);

/* Pushes the __tostring of a kind, or nil. */
void named_table_push_tostring(lua_State *L, enum named_table kind);

/* Makes the metatables; pushes a table of them by name: { Event =, ... }. */
void named_table_open(lua_State *L);

#endif
