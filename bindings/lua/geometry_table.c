/*
** Geometries as Lua tables: those of the profiles, that of a heap, and the size
** classes of a geometry.
*/
#include "geometry_table.h"
#include "geometry_name.h"
#include "geometry/geometry.h"
#include "table.h"
#include "argument.h"
#include "options.h"
#include "named_table.h"

/***
** pymalloc.Geometry: the sizes and rules in which versions of CPython differ.
** Read from a heap (heap.geometry) it has the field profile; from
** pymalloc.profiles(), cpython.
** @tfield string profile name of the profile
** @tfield string name name of the profile, and each field that differs from
** it: "3.6, pool_bytes 16384"
** @tfield string cpython the versions of CPython that have it
** @tfield integer alignment of blocks, in bytes; block sizes of neighbouring
** classes differ by it
** @tfield integer threshold largest request that pools serve, in bytes
** @tfield integer pool_bytes size of a pool
** @tfield integer arena_bytes size of an arena
** @tfield integer arena_offset an arena begins this many bytes after an address
** that is a multiple of pool_bytes; if it is not 0, the arena has one pool fewer
** @tfield integer address_bits bits of an address that CPython's arena map
** covers; 0 where it has no map
** @tfield string release when an arena without live blocks is released:
** "at_once", "keep_last" (not if it is at the end of usable_arenas), "never"
** @tfield integer class_count number of size classes
** @tfield integer pools_per_arena
** @tfield integer header_bytes size of a pool header, in front of the first
** block
*/

/* Sets the fields that are options of a heap, and those derived from them. */
static void set_geometry(lua_State *L, const pym_geometry *geometry)
{
  table_set_integer(L, "alignment", geometry->alignment);
  table_set_integer(L, "threshold", geometry->threshold);
  table_set_integer(L, "pool_bytes", geometry->pool_bytes);
  table_set_integer(L, "arena_bytes", geometry->arena_bytes);
  table_set_integer(L, "arena_offset", geometry->arena_offset);
  table_set_integer(L, "address_bits", geometry->address_bits);
  table_set_string(L, "release", geometry_release_name(geometry->release));
  table_set_integer(L, "class_count", pym_class_count(geometry));
  table_set_integer(L, "pools_per_arena", geometry_arena_pools(geometry));
  table_set_integer(L, "header_bytes", geometry_header_bytes(geometry));
}

/*
** {==================================================================
** heap.geometry
** ===================================================================
*/

static int refuse_write(lua_State *L)
{
  return luaL_error(L, "pymalloc: a heap's geometry cannot be changed");
}

/* The iterator of pairs: next, on the table of fields that is the upvalue. */
static int next_field(lua_State *L)
{
  lua_settop(L, 2);
  if (lua_istable(L, lua_upvalueindex(1)) && lua_next(L, lua_upvalueindex(1)))
    return 2;
  lua_pushnil(L);
  return 1;
}

static int pairs(lua_State *L)
{
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushcclosure(L, next_field, 1);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

void binding_push_geometry(lua_State *L, const char *profile,
                           const pym_geometry *geometry)
{
  char name[GEOMETRY_NAME_BYTES];
  geometry_name_write(name, profile, geometry);
  lua_newtable(L);
  lua_newtable(L); /* its metatable */
  table_set_string(L, "__name", "pymalloc.Geometry");
  table_set_string(L, "__metatable", "pymalloc.Geometry");
  lua_newtable(L); /* the fields */
  set_geometry(L, geometry);
  table_set_string(L, "profile", profile);
  table_set_string(L, "name", name);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__index");
  lua_pushcclosure(L, pairs, 1);
  lua_setfield(L, -2, "__pairs");
  lua_pushcfunction(L, refuse_write);
  lua_setfield(L, -2, "__newindex");
  named_table_push_tostring(L, NAMED_GEOMETRY);
  lua_setfield(L, -2, "__tostring");
  if (!lua_istable(L, -1))
    luaL_error(L, "pymalloc: the metatable of a geometry is gone");
  lua_setmetatable(L, -2);
}

/* }================================================================== */

/*
** {==================================================================
** Functions of the module
** ===================================================================
*/

/***
** pymalloc.profiles(): the geometries that have a name, the default first.
** @treturn pymalloc.Geometry[]
** @usage
** pymalloc.profiles()[1].name --> 3.6
** pymalloc.profiles()[1].cpython --> 3.3, 3.6 to 3.7.3, 2.7.15, 2.7.16
*/
static int profiles(lua_State *L)
{
  size_t count;
  const pym_profile *profile = pym_profiles(&count);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++, profile++) {
    lua_newtable(L);
    set_geometry(L, &profile->geometry);
    table_set_string(L, "name", profile->name);
    table_set_string(L, "cpython", profile->cpython);
    named_table_mark(L, NAMED_GEOMETRY);
    lua_seti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/*
** The geometry that a profile's name or a table of options stands for, and the
** name of its profile.
*/
static pym_geometry check_geometry(lua_State *L, int index,
                                   const char **profile)
{
  static const char *const described[] = {"name",         "cpython",
                                          "class_count",  "pools_per_arena",
                                          "header_bytes", NULL};
  pym_options options;
  if (lua_type(L, index) == LUA_TSTRING) {
    const pym_profile *found = binding_check_profile(L, index);
    *profile = found->name;
    return found->geometry;
  }
  if (!lua_istable(L, index))
    luaL_error(L,
               "pymalloc: class_table: geometry must be a table or the name of "
               "a profile, got %s",
               binding_describe(L, index));
  binding_read_table(L, index, described, &options, profile);
  return options.geometry;
}

/***
** pymalloc.SizeClass: a size class of a geometry; tostring gives one line.
** @tfield integer szidx index of the class, from 0
** @tfield integer size bytes of a block
** @tfield integer capacity blocks in a pool
** @tfield integer waste bytes of a pool that are neither header nor block
*/

/***
** pymalloc.class_table(geometry): the size classes of a geometry, the smallest
** first.
** @tparam string|pymalloc.Options geometry name of a profile, or options; a
** geometry that no heap can have raises an error
** @treturn pymalloc.SizeClass[]
** @usage
** local class = pymalloc.class_table("3.6")[3]
** class.capacity --> 168
** class --> pymalloc.SizeClass 2: blocks of 24 bytes, 168 in a pool, 16 bytes of the pool lost
*/
static int class_table(lua_State *L)
{
  const char *profile;
  pym_geometry geometry = check_geometry(L, 1, &profile);
  size_t count = pym_class_count(&geometry);
  lua_createtable(L, (int)count, 0);
  for (size_t szidx = 0; szidx < count; szidx++) {
    lua_createtable(L, 0, 4);
    table_set_integer(L, "szidx", szidx);
    table_set_integer(L, "size", pym_class_bytes(&geometry, szidx));
    table_set_integer(L, "capacity", pym_class_capacity(&geometry, szidx));
    table_set_integer(L, "waste", pym_class_waste(&geometry, szidx));
    named_table_mark(L, NAMED_SIZE_CLASS);
    lua_seti(L, -2, (lua_Integer)szidx + 1);
  }
  return 1;
}

/***
** core.geometry_name(geometry): the name of the geometry of a profile or of
** options, without options that are not of the geometry.
** @local
*/
static int geometry_name(lua_State *L)
{
  char name[GEOMETRY_NAME_BYTES];
  const char *profile;
  pym_geometry geometry = check_geometry(L, 1, &profile);
  geometry_name_write(name, profile, &geometry);
  lua_pushstring(L, name);
  return 1;
}

/* }================================================================== */

const luaL_Reg binding_geometry_functions[] = {{"profiles", profiles},
                                               {"class_table", class_table},
                                               {"geometry_name", geometry_name},
                                               {NULL, NULL}};
