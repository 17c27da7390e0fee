/*
** What the files of the binding share.
**
** Four kinds of userdata, each of which begins with its seal:
**
**   pymalloc.Heap    -> struct binding_heap, counted, in C memory
**   pymalloc.Buffer  -> the same; user value: its heap, or a slice's buffer
**   pymalloc.Arena   a slot number;                        user value: the heap
**   pymalloc.Pool    slot, offset, life of the arena;      user value: the heap
**
** Whatever makes a Lua object may run the collector, the collector runs
** finalizers, and a finalizer may close any heap and free any buffer. So every
** function here makes its Lua objects first and looks at heaps after, and
** keeps no pointer into a heap or a userdata across the making of another. It
** may even put other values on the stack of the function that waits for it, by
** debug.setlocal: what is written to raw was looked at since.
*/
#ifndef BINDING_H
#define BINDING_H

#include <lauxlib.h>
#include <lua.h>
#include <stdatomic.h>

#include "state/heap.h"
#include "tracked.h"

/*
** {==================================================================
** Types
** ===================================================================
*/

/* A kind of userdata; its address is the registry's key of its metatable. */
struct binding_type {
  const char *name; /* "pymalloc.Heap" */
  uint64_t magic;   /* part of each object's seal */
  size_t bytes;
};

extern const struct binding_type binding_heap_type;
extern const struct binding_type binding_buffer_type;
extern const struct binding_type binding_arena_type;
extern const struct binding_type binding_pool_type;

extern _Atomic uint64_t binding_secret; /* of this process */

/* The first word of an object of the type at that address. */
static inline uint64_t binding_seal(const struct binding_type *type,
                                    const void *object)
{
  return atomic_load_explicit(&binding_secret, memory_order_relaxed) ^
         type->magic ^ (uintptr_t)object;
}

/*
** Makes the metatable of a type: its functions, with an empty table for
** methods as their upvalue 1. Pushes the table for methods.
*/
void binding_new_type(lua_State *L, const struct binding_type *type,
                      const luaL_Reg *functions);

/* Pushes a new object, zeroed behind its seal, with one user value. */
void *binding_new(lua_State *L, const struct binding_type *type);

/*
** The object of that type at 'index', or NULL. It is one whatever metatable it
** has now; nothing else is, whatever metatable it has.
*/
static inline void *binding_test(lua_State *L, int index,
                                 const struct binding_type *type)
{
  void *object = lua_touserdata(L, index);
  bool is_of_type =
      likely(object != NULL && lua_rawlen(L, index) == type->bytes) &&
      likely(*(uint64_t *)object == binding_seal(type, object));
  return is_of_type ? object : NULL;
}

/* Raises the error that the value there is none of the type. */
void *binding_refuse(lua_State *L, int index, const struct binding_type *type);

/* The object of that type at 'index'; anything else is an error. */
static inline void *binding_check(lua_State *L, int index,
                                  const struct binding_type *type)
{
  void *object = binding_test(L, index, type);
  return likely(object != NULL) ? object : binding_refuse(L, index, type);
}

/*
** Pushes memory in which to write down what is shown after: Lua objects made
** between two looks may change what is looked at, by a finalizer, or because
** Lua itself lives on the heap.
*/
void *binding_push_scratch(lua_State *L, size_t bytes);

/*
** For __index: pushes the method that the string at index 2 names, from the
** table that is upvalue 1. Any other name is an error.
*/
int binding_push_method(lua_State *L, const struct binding_type *type);

/* The same, where it may be another field: false, if there is no method. */
bool binding_find_method(lua_State *L);

/* }================================================================== */

/*
** {==================================================================
** Arguments. 'what' is how errors name it: "heap:malloc: size".
** ===================================================================
*/

/* Pushes what a person would call the value: "2.5", "a string". */
const char *binding_describe(lua_State *L, int index);

/* Is it a float that is a whole number? Writes it to '*value'. */
bool binding_float_to_integer(lua_State *L, int index, lua_Integer *value);

/*
** Is it an integer, or a float that is a whole number, as a table's key may
** be? Strings are not. Writes it to '*value'.
*/
static inline bool binding_to_integer(lua_State *L, int index,
                                      lua_Integer *value)
{
  if (unlikely(!lua_isinteger(L, index)))
    return binding_float_to_integer(L, index, value);
  *value = lua_tointeger(L, index);
  return true;
}

/*
** Pops a value into the table at 'index', which a finalizer may have replaced
** while the value was made.
*/
static inline void binding_append(lua_State *L, int index, lua_Integer number)
{
  if (unlikely(!lua_istable(L, index)))
    luaL_error(L, "pymalloc: the result is gone");
  lua_rawseti(L, index, number);
}

/* Is it a whole number that no lua_Integer holds? */
bool binding_is_huge(lua_State *L, int index);

/* Pushes "'name'" for a string, else as binding_describe. */
const char *binding_quote(lua_State *L, int index);

/* An integer from 'least' to 'most'. */
lua_Integer binding_check_integer(lua_State *L, int index, const char *what,
                                  lua_Integer least, lua_Integer most);

/* A number of bytes or things: an integer that is not negative. */
size_t binding_check_size(lua_State *L, int index, const char *what);

/* An address: any integer. */
const void *binding_check_address(lua_State *L, int index, const char *what);

/* A string that holds no zero byte, or NULL. */
const char *binding_to_word(lua_State *L, int index);

/* Returns nil, a message and "ENOMEM". */
int binding_no_memory(lua_State *L, size_t bytes);

/* }================================================================== */

/*
** {==================================================================
** Options
** ===================================================================
*/

/*
** Reads the options of a new heap from the table at 'index'; nil and none are
** the default ones. '*profile' receives the name of the profile, which lasts.
** Raises an error for anything that is not allowed.
*/
void binding_read_options(lua_State *L, int index, pym_options *options,
                          const char **profile);

/* The same over other defaults, which 'options' and 'profile' hold. */
void binding_read_options_over(lua_State *L, int index, pym_options *options,
                               const char **profile);

/*
** The same for the table at 'table', an absolute index, in which the fields
** named in 'others' (a list that ends with NULL, or NULL) are allowed too and
** not looked at.
*/
void binding_read_table(lua_State *L, int table, const char *const *others,
                        pym_options *options, const char **profile);

/* The profile named by the string at 'index'; anything else is an error. */
const pym_profile *binding_check_profile(lua_State *L, int index);

/* Pushes a table that tells a geometry and refuses to be written to. */
void binding_push_geometry(lua_State *L, const char *profile,
                           const pym_geometry *geometry);

extern const luaL_Reg binding_geometry_functions[];

/* }================================================================== */

/*
** {==================================================================
** Heaps
** ===================================================================
*/

/* What a heap and its buffers share. It lasts until the last of them. */
struct binding_heap {
  pym_heap *core; /* NULL: closed */
  size_t reference_count;
  const char *profile;
  pym_geometry geometry;
  struct tracked raw_blocks; /* all that raw serves */
  size_t unannounced_bytes;  /* that Lua's collector was not told of */
  char *report;              /* a report of misuse to be raised; or NULL */
  bool is_borrowed;          /* it is a run's: only to be looked at */
  bool is_hosting;           /* a Lua state lives on it */
  struct binding_watching *watching; /* NULL: it has no listener */
};

/*
** Pushes a heap, or nil, a message and "ENOMEM"; returns how many values.
** 'profile' has to last.
*/
int binding_push_heap(lua_State *L, const pym_options *options,
                      const char *profile);

/* The heap at 'index', which is open; anything else is an error. */
struct binding_heap *binding_open_heap(lua_State *L, int index);

/* The core of the same. */
pym_heap *binding_check_heap(lua_State *L, int index);

/* The heap at 'index', if it is one and open, else NULL. */
struct binding_heap *binding_test_heap(lua_State *L, int index);

/*
** Pushes a heap that somebody else owns, who ends it by binding_end_borrowed;
** returns its record, of which the owner has one reference. NULL: no memory.
*/
struct binding_heap *binding_push_borrowed(lua_State *L, pym_heap *core,
                                           const char *profile);
void binding_end_borrowed(struct binding_heap *heap);

/* The Lua state that lives on it has ended: so do heap and record. */
void binding_end_hosting(struct binding_heap *heap);

/* A heap that is only to be looked at is an error. */
void binding_check_own(lua_State *L, const struct binding_heap *heap);

/* A request is over: tells the listeners of the heap, who may raise errors. */
void binding_tell_watched(lua_State *L, const struct binding_heap *heap);

static inline void binding_tell(lua_State *L, const struct binding_heap *heap)
{
  if (unlikely(heap->watching != NULL))
    binding_tell_watched(L, heap);
}

/* Nobody listens any more. */
void binding_end_watching(struct binding_heap *heap);

extern const luaL_Reg binding_watch_functions[];

/* Gives back one reference; the last one ends the record. */
void binding_release_heap(struct binding_heap *heap);

/*
** Raises the report of misuse on the request just made, if there was
** one. (misuse.c)
*/
void binding_raise_misuse(lua_State *L, struct binding_heap *heap);

/* The same as a warning, where nothing can be raised. */
void binding_warn_misuse(lua_State *L, struct binding_heap *heap);

/* The handler of reports of misuse; its context is the struct binding_heap. */
void binding_on_misuse(void *context, const pym_misuse *misuse);

/* Tells Lua's collector, now and then, of bytes that it cannot see. */
void binding_announce(lua_State *L, struct binding_heap *heap, size_t bytes);

/* Pushes {arena=, pool=, offset=}. */
void binding_push_location(lua_State *L, pym_location location);

extern const luaL_Reg binding_heap_functions[];
extern const luaL_Reg binding_host_functions[];

/* The methods of a heap, by the file that has them. */
extern const luaL_Reg binding_memory_methods[];
extern const luaL_Reg binding_address_methods[];
extern const luaL_Reg binding_arena_methods[];
extern const luaL_Reg binding_list_methods[];
extern const luaL_Reg binding_stats_methods[];
extern const luaL_Reg binding_text_methods[];
extern const luaL_Reg binding_misuse_methods[];

/* }================================================================== */

/*
** {==================================================================
** What luaopen_pymalloc_core puts together
** ===================================================================
*/

/* Each makes one type and pushes the table of its methods. */
void binding_open_heap_type(lua_State *L);
void binding_open_buffer_type(lua_State *L);
void binding_open_arena_type(lua_State *L);
void binding_open_pool_type(lua_State *L);
void binding_open_run_type(lua_State *L);

/* A function of Lua's: the heap that an object belongs to. */
int binding_owner(lua_State *L);

/* The same: the state of a heap as text, all from one moment. */
int binding_state(lua_State *L);

/* Each pushes a table of functions: core.events, core.run. */
int binding_open_events(lua_State *L);
int binding_open_run(lua_State *L);

/* Is a recording of this state on? (recording.c) */
bool binding_is_recording(lua_State *L);

/* Pushes a table of functions for traces; sets those that record them. */
int binding_open_trace(lua_State *L);
void binding_set_recording(lua_State *L);
void binding_set_log(lua_State *L);

/*
** What other modules may call, for tests: a light userdata in the registry
** points at it.
*/
#define BINDING_DOOR "pymalloc.door"

struct binding_door {
  int (*push_heap)(lua_State *L, const pym_options *options,
                   const char *profile);
  pym_heap *(*check_heap)(lua_State *L, int index);
};

/* }================================================================== */

#endif
