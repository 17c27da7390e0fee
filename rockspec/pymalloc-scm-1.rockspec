rockspec_format = "3.0"
package = "pymalloc"
version = "scm-1"

-- 'luarocks make' builds the checkout it runs in and reads no address. Whoever
-- publishes the rock puts the repository's here, for 'build' and 'pack'.
source = {
  url = "git+file://.",
}

description = {
  summary = "CPython's small-object allocator, open to Lua scripts",
  detailed = [[
Allocates typed buffers from pymalloc, written anew in C; shows every arena,
pool and block as it is in memory; replays recorded programs step by step,
forwards and backwards; compares the geometries of CPython 3.6 to 3.11.]],
  license = "MIT",
  labels = { "memory", "allocator", "teaching" },
}

-- 5.5 is out: the binding uses the C API of 5.4.
-- Where the system's packages provide the others: --deps-mode=none. The command
-- then needs the environment that 'luarocks path' tells, as 'require' does.
-- pymalloc.assertions, for tests, wants luassert beside them; nothing else does.
dependencies = {
  "lua >= 5.4, < 5.5",
  "argparse >= 0.7",
  "dkjson >= 2.5",
  "luafilesystem >= 1.8",
}

build = {
  type = "cmake",
  variables = {
    CMAKE_BUILD_TYPE = "Release",
    CMAKE_C_FLAGS = "$(CFLAGS)",
    LUA_INCLUDE_DIR = "$(LUA_INCDIR)",
    INSTALL_LUADIR = "$(LUADIR)",
    INSTALL_LIBDIR = "$(LIBDIR)",
    PYMALLOC_INSTALL_C = "OFF",
  },
  install = {
    bin = { "lua/bin/pymalloc" },
  },
  -- Beside the rock's description: `luarocks show --rock-dir pymalloc` tells where.
  copy_directories = { "docs", "examples", "man", "types" },
}

test = {
  type = "command",
  command = "bash script/test",
}
