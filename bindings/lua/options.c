/*
** The options of a heap, as a Lua table: read field by field, and a field that
** no option has is an error.
*/
#include <string.h>

#include "options.h"
#include "geometry/geometry.h"
#include "argument.h"

#define WHY_BYTES 160

enum option_kind {
  OPTION_PROFILE,
  OPTION_GEOMETRY, /* a size_t of the geometry */
  OPTION_SIZE,     /* a size_t; a larger number becomes SIZE_MAX */
  OPTION_BITS,     /* an unsigned */
  OPTION_RELEASE,  /* the name of a release rule */
  OPTION_FLAG,     /* a boolean */
  OPTION_DEBUG,    /* a boolean, or the version of a layout */
  OPTION_COUNT_64  /* a uint64_t */
};

struct option {
  const char *name;
  enum option_kind kind;
  size_t place; /* in pym_options */
};

#define IN_GEOMETRY(field) offsetof(pym_options, geometry.field)

/***
** pymalloc.Options: the options of a heap. Each may be left out. A field of
** the geometry replaces that of the profile.
** @tfield[opt] string profile name of a profile, or a version of CPython;
** default "3.6"; see pymalloc.profiles
** @tfield[opt] integer alignment of blocks, in bytes; block sizes of
** neighbouring classes differ by it
** @tfield[opt] integer threshold largest request that pools serve, in bytes
** @tfield[opt] integer pool_bytes size of a pool, a power of two
** @tfield[opt] integer arena_bytes size of an arena, a power of two
** @tfield[opt] integer arena_offset an arena begins this many bytes after an
** address that is a multiple of pool_bytes; default 0; with another value the
** arena has one pool fewer
** @tfield[opt] integer address_bits bits of an address that CPython's arena
** map covers
** @tfield[opt] string release when an arena without live blocks is released:
** "at_once", "keep_last" (not if it is at the end of usable_arenas), "never"
** @tfield[opt] integer max_arenas limit on arenas at one time; default none
** @tfield[opt] integer max_bytes limit on bytes obtained from raw and from the
** system's pages; default none
** @tfield[opt] integer reserve_bytes addresses to reserve for arenas; default
** 64 GiB, or 256 MiB on machines of 32 bits; halved until the system grants it.
** If it grants none, the heap has no arenas: warn says so, and raw serves all
** @tfield[opt] integer retain_bytes bytes of released arenas that stay
** committed; default 4 MiB
** @tfield[opt] integer cache_bytes bytes of free blocks that the cache keeps
** for each size class; default 0
** @tfield[opt] integer cache_blocks number of free blocks that the cache keeps
** for each size class; default 0; with both 0 there is no cache
** @tfield[opt] boolean medium serve requests of 513 bytes to 128 KiB from spans
** of pages, not from raw, and to 1 MiB if retain_bytes is 32 MiB or more; only
** on a heap with a cache that is not checked; default false, and true for
** pymalloc.host
** @tfield[opt] boolean count_hops walk the list of usable arenas as CPython
** 3.6 and 3.7 do, and count the steps
** @tfield[opt] boolean checked validate each request, and each link before it
** is followed
** @tfield[opt] boolean|string debug CPython's debug hooks, with the guard
** bytes of the profile (true), of "3.6" or of "3.8"
** @tfield[opt] integer quarantine number of freed blocks that debug hooks keep
** back; default 256
** @tfield[opt] integer check_every check all invariants after this many
** requests; only on checked heaps; 0, the default, is never
*/
static const struct option options_allowed[] = {
    {"profile", OPTION_PROFILE, 0},
    {"alignment", OPTION_GEOMETRY, IN_GEOMETRY(alignment)},
    {"threshold", OPTION_GEOMETRY, IN_GEOMETRY(threshold)},
    {"pool_bytes", OPTION_GEOMETRY, IN_GEOMETRY(pool_bytes)},
    {"arena_bytes", OPTION_GEOMETRY, IN_GEOMETRY(arena_bytes)},
    {"arena_offset", OPTION_GEOMETRY, IN_GEOMETRY(arena_offset)},
    {"address_bits", OPTION_BITS, IN_GEOMETRY(address_bits)},
    {"release", OPTION_RELEASE, IN_GEOMETRY(release)},
    {"max_arenas", OPTION_SIZE, offsetof(pym_options, max_arenas)},
    {"max_bytes", OPTION_SIZE, offsetof(pym_options, max_bytes)},
    {"reserve_bytes", OPTION_SIZE, offsetof(pym_options, reserve_bytes)},
    {"retain_bytes", OPTION_SIZE, offsetof(pym_options, retain_bytes)},
    {"cache_bytes", OPTION_SIZE, offsetof(pym_options, cache_bytes)},
    {"cache_blocks", OPTION_SIZE, offsetof(pym_options, cache_blocks)},
    {"medium", OPTION_FLAG, offsetof(pym_options, medium)},
    {"count_hops", OPTION_FLAG, offsetof(pym_options, count_hops)},
    {"checked", OPTION_FLAG, offsetof(pym_options, checked)},
    {"debug", OPTION_DEBUG, offsetof(pym_options, debug)},
    {"quarantine", OPTION_SIZE, offsetof(pym_options, quarantine)},
    {"check_every", OPTION_COUNT_64, offsetof(pym_options, check_every)}};

#define OPTION_COUNT (sizeof options_allowed / sizeof options_allowed[0])

static const struct option *find_option(const char *name)
{
  for (size_t i = 0; name != NULL && i < OPTION_COUNT; i++)
    if (strcmp(options_allowed[i].name, name) == 0)
      return &options_allowed[i];
  return NULL;
}

static int unknown_option(lua_State *L, int key)
{
  luaL_Buffer allowed;
  const char *got = binding_quote(L, key);
  luaL_buffinit(L, &allowed);
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    luaL_addstring(&allowed, i == 0 ? "" : ", ");
    luaL_addstring(&allowed, options_allowed[i].name);
  }
  luaL_pushresult(&allowed);
  return luaL_error(L, "pymalloc: unknown option %s (allowed: %s)", got,
                    lua_tostring(L, -1));
}

static int unknown_profile(lua_State *L, int index)
{
  luaL_Buffer allowed;
  size_t count;
  const pym_profile *profiles = pym_profiles(&count);
  const char *got = binding_quote(L, index);
  luaL_buffinit(L, &allowed);
  for (size_t i = 0; i < count; i++) {
    luaL_addstring(&allowed, i == 0 ? "" : ", ");
    luaL_addstring(&allowed, profiles[i].name);
  }
  luaL_pushresult(&allowed);
  return luaL_error(L,
                    "pymalloc: profile must be one of %s, or a version of "
                    "CPython, 2.7.15 to 2.7.18, 3.3, or 3.6 to 3.15 (3.7 with "
                    "its third number), got %s",
                    lua_tostring(L, -1), got);
}

const pym_profile *binding_check_profile(lua_State *L, int index)
{
  const char *name = binding_to_word(L, index);
  const pym_profile *profile = name == NULL ? NULL : pym_profile_find(name);
  if (profile == NULL)
    unknown_profile(L, index);
  return profile;
}

static pym_release read_release(lua_State *L, int index)
{
  const char *name = binding_to_word(L, index);
  for (int rule = PYM_RELEASE_AT_ONCE; rule <= PYM_RELEASE_NEVER; rule++)
    if (name != NULL &&
        strcmp(geometry_release_name((pym_release)rule), name) == 0)
      return (pym_release)rule;
  luaL_error(L, "pymalloc: release must be at_once, keep_last or never, got %s",
             binding_quote(L, index));
  return PYM_RELEASE_AT_ONCE;
}

static bool read_flag(lua_State *L, int index, const char *name)
{
  if (!lua_isboolean(L, index))
    luaL_error(L, "pymalloc: %s must be true or false, got %s", name,
               binding_describe(L, index));
  return lua_toboolean(L, index);
}

/*
** true stands for the guard bytes of the CPython with the geometry in
** 'options', which is read before.
*/
static pym_debug read_debug(lua_State *L, int index, const pym_options *options)
{
  const char *version = binding_to_word(L, index);
  if (lua_isboolean(L, index))
    return lua_toboolean(L, index) ? pym_debug_of(&options->geometry)
                                   : PYM_DEBUG_OFF;
  if (version != NULL && strcmp(version, "3.6") == 0)
    return PYM_DEBUG_3_6;
  if (version != NULL && strcmp(version, "3.8") == 0)
    return PYM_DEBUG_3_8;
  luaL_error(L,
             "pymalloc: debug must be true, false, \"3.6\" or \"3.8\", "
             "got %s",
             binding_quote(L, index));
  return PYM_DEBUG_OFF;
}

static void read_option(lua_State *L, int index, const struct option *option,
                        pym_options *options)
{
  void *place = (char *)options + option->place;
  switch (option->kind) {
  case OPTION_PROFILE: /* read before all others */
    break;
  case OPTION_GEOMETRY:
    *(size_t *)place = (size_t)binding_check_integer(L, index, option->name, 0,
                                                     BINDING_SIZE_MAX);
    break;
  case OPTION_SIZE:
    *(size_t *)place = binding_check_size(L, index, option->name);
    break;
  case OPTION_BITS:
    *(unsigned *)place =
        (unsigned)binding_check_integer(L, index, option->name, 0, UINT32_MAX);
    break;
  case OPTION_RELEASE:
    *(pym_release *)place = read_release(L, index);
    break;
  case OPTION_FLAG:
    *(bool *)place = read_flag(L, index, option->name);
    break;
  case OPTION_DEBUG:
    *(pym_debug *)place = read_debug(L, index, options);
    break;
  case OPTION_COUNT_64:
    *(uint64_t *)place = binding_check_number(L, index, option->name);
    break;
  }
}

/* Is the key that of an option, or of one among 'others', a list of names? */
static bool is_allowed(const char *key, const char *const *others)
{
  if (key == NULL || find_option(key) != NULL)
    return key != NULL;
  for (; others != NULL && *others != NULL; others++)
    if (strcmp(*others, key) == 0)
      return true;
  return false;
}

static void check_keys(lua_State *L, int table, const char *const *others)
{
  lua_pushnil(L);
  while (lua_next(L, table)) {
    lua_pop(L, 1);
    if (!is_allowed(binding_to_word(L, -1), others))
      unknown_option(L, lua_gettop(L));
  }
}

static void read_profile(lua_State *L, int table, pym_options *options,
                         const char **name)
{
  if (lua_getfield(L, table, "profile") == LUA_TNIL)
    return;
  const pym_profile *profile = binding_check_profile(L, lua_gettop(L));
  options->geometry = profile->geometry;
  *name = profile->name;
}

/* Replaces the options, and the profile, that the table names. */
static void read_table(lua_State *L, int table, const char *const *others,
                       pym_options *options, const char **profile)
{
  char why[WHY_BYTES];
  int top = lua_gettop(L);
  check_keys(L, table, others);
  read_profile(L, table, options, profile);
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    const struct option *option = &options_allowed[i];
    if (lua_getfield(L, table, option->name) != LUA_TNIL)
      read_option(L, lua_gettop(L), option, options);
    lua_settop(L, top);
  }
  if (!pym_geometry_check(&options->geometry, why, sizeof why))
    luaL_error(L, "pymalloc: %s", why);
}

/* Sets the options of pym_options_default, and the name of their profile. */
static void set_usual(pym_options *options, const char **profile)
{
  size_t count;
  *options = pym_options_default();
  *profile = pym_profiles(&count)->name;
}

void binding_read_table(lua_State *L, int table, const char *const *others,
                        pym_options *options, const char **profile)
{
  set_usual(options, profile);
  read_table(L, table, others, options, profile);
}

void binding_read_options_over(lua_State *L, int index, pym_options *options,
                               const char **profile)
{
  if (lua_isnoneornil(L, index))
    return;
  if (!lua_istable(L, index))
    luaL_error(L, "pymalloc: options must be a table, got %s",
               binding_describe(L, index));
  read_table(L, lua_absindex(L, index), NULL, options, profile);
}

void binding_read_options(lua_State *L, int index, pym_options *options,
                          const char **profile)
{
  set_usual(options, profile);
  binding_read_options_over(L, index, options, profile);
}
