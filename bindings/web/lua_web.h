/*
** Included before each source of Lua: definitions that Lua lets a host replace.
**
** WebAssembly has no longjmp. An error of Lua is an exception of JavaScript:
** host_throw throws it, and host_try, which called the function that raised it,
** catches it and restores the stack pointer of C.
*/
#ifndef LUA_WEB_H
#define LUA_WEB_H

struct lua_State;

#define HOST_IMPORT(name) \
  __attribute__((import_module("host"), import_name(name)))

HOST_IMPORT("throw") _Noreturn void host_throw(void);
HOST_IMPORT("try")
void host_try(void (*f)(struct lua_State *, void *), struct lua_State *L,
              void *context);

#define LUAI_THROW(L, c) host_throw()
#define LUAI_TRY(L, c, a) host_try(f, L, ud)
#define luai_jmpbuf int

/* Modules are files that JavaScript makes in memory. */
#define LUA_PATH_DEFAULT "/lua/?.lua;/lua/?/init.lua"
#define LUA_CPATH_DEFAULT ""

#endif
