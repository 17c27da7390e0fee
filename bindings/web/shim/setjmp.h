/* Lua's ldo.c includes this header, which wasi-libc does not have. lua_web.h
   defines Lua's errors without it. */
