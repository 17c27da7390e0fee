/*
** Geometries as Lua tables: those of the profiles, that of a heap, and what
** follows from one, class by class.
*/
#include "binding.h"

static void set_size(lua_State *L, const char *name, size_t value)
{
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, name);
}

static void set_string(lua_State *L, const char *name, const char *value)
{
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

/***
** pymalloc.Geometry: the numbers that tell one CPython version from another.
** @tfield string profile name of the profile; of a heap's geometry
** @tfield string name the same; of what pymalloc.profiles gives
** @tfield string cpython versions that have it; of these too
** @tfield integer alignment bytes between size classes
** @tfield integer threshold the largest request that pools serve
** @tfield integer pool_bytes
** @tfield integer arena_bytes
** @tfield integer arena_offset bytes by which arenas miss the pool alignment
** @tfield integer address_bits that CPython's arena map covers; 0: it has none
** @tfield string release "at_once", "keep_last", "never": when free arenas go
** @tfield integer class_count
** @tfield integer pools_per_arena
** @tfield integer header_bytes before the first block of a pool
*/

/* The fields that are options of a heap, and those that follow from them. */
static void set_geometry(lua_State *L, const pym_geometry *geometry)
{
  set_size(L, "alignment", geometry->alignment);
  set_size(L, "threshold", geometry->threshold);
  set_size(L, "pool_bytes", geometry->pool_bytes);
  set_size(L, "arena_bytes", geometry->arena_bytes);
  set_size(L, "arena_offset", geometry->arena_offset);
  set_size(L, "address_bits", geometry->address_bits);
  set_string(L, "release", geometry_release_name(geometry->release));
  set_size(L, "class_count", pym_class_count(geometry));
  set_size(L, "pools_per_arena", geometry_arena_pools(geometry));
  set_size(L, "header_bytes", geometry_header_bytes(geometry));
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

/* next, on the table of fields that is the upvalue. */
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
  lua_newtable(L);
  lua_newtable(L); /* its metatable */
  set_string(L, "__name", "pymalloc.Geometry");
  lua_newtable(L); /* the fields */
  set_geometry(L, geometry);
  set_string(L, "profile", profile);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__index");
  lua_pushcclosure(L, pairs, 1);
  lua_setfield(L, -2, "__pairs");
  lua_pushcfunction(L, refuse_write);
  lua_setfield(L, -2, "__newindex");
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
** pymalloc.profiles(): the geometries that have a name, the default one first.
** @treturn pymalloc.Geometry[] with name and cpython, the versions that have it
** @usage
** pymalloc.profiles()[1].name --> 3.6
** pymalloc.profiles()[1].cpython --> 3.6, 3.7.0 to 3.7.3
*/
static int profiles(lua_State *L)
{
  size_t count;
  const pym_profile *profile = pym_profiles(&count);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++, profile++) {
    lua_newtable(L);
    set_geometry(L, &profile->geometry);
    set_string(L, "name", profile->name);
    set_string(L, "cpython", profile->cpython);
    lua_seti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* The geometry told by a profile's name, or by a table of options. */
static pym_geometry check_geometry(lua_State *L, int index)
{
  static const char *const described[] = {"name",         "cpython",
                                          "class_count",  "pools_per_arena",
                                          "header_bytes", NULL};
  pym_options options;
  const char *profile;
  if (lua_type(L, index) == LUA_TSTRING)
    return binding_check_profile(L, index)->geometry;
  if (!lua_istable(L, index))
    luaL_error(L,
               "pymalloc: class_table: geometry must be a table or the name of "
               "a profile, got %s",
               binding_describe(L, index));
  binding_read_table(L, index, described, &options, &profile);
  return options.geometry;
}

/***
** pymalloc.class_table(geometry): every size class of a geometry.
** @tparam string|pymalloc.Options geometry a profile's name, or options
** @treturn table[] szidx, size, capacity (blocks in a pool), waste (bytes of a
** pool that are neither header nor block)
** @usage
** local class = pymalloc.class_table("3.6")[3]
** class --> { capacity = 168, size = 24, szidx = 2, waste = 16 }
*/
static int class_table(lua_State *L)
{
  pym_geometry geometry = check_geometry(L, 1);
  size_t count = pym_class_count(&geometry);
  lua_createtable(L, (int)count, 0);
  for (size_t szidx = 0; szidx < count; szidx++) {
    lua_createtable(L, 0, 4);
    set_size(L, "szidx", szidx);
    set_size(L, "size", pym_class_bytes(&geometry, szidx));
    set_size(L, "capacity", pym_class_capacity(&geometry, szidx));
    set_size(L, "waste", pym_class_waste(&geometry, szidx));
    lua_seti(L, -2, (lua_Integer)szidx + 1);
  }
  return 1;
}

/* }================================================================== */

const luaL_Reg binding_geometry_functions[] = {
    {"profiles", profiles}, {"class_table", class_table}, {NULL, NULL}};
