rockspec_format = "3.0"
package = "pymalloc"
version = "scm-1"

-- 'luarocks make' builds the checkout that it runs in, and does not read this address. To
-- publish the rock, replace it by that of the repository, for 'build' and 'pack'.
source = {
  url = "git+file://.",
}

-- Without the fields homepage and issues_url: the project has no public address yet.
description = {
  summary = "CPython's small-object allocator, for Lua scripts",
  detailed = [[
CPython's small-object allocator (pymalloc), written anew in C. Allocates typed
buffers; reads every arena, pool and block as it is in memory; replays recorded
programs forwards and backwards; has the geometries of CPython 3.6 to 3.15.]],
  license = "MIT",
  labels = { "memory", "allocator", "teaching" },
}

-- If packages of the system provide the other dependencies, use --deps-mode=none. The
-- command then needs the environment that 'luarocks path' prints, as 'require' does.
-- Only pymalloc.assertions, for tests, needs luassert in addition.
dependencies = {
  "lua >= 5.4, < 5.6",
  "argparse >= 0.7",
  "dkjson >= 2.5",
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
    PYMALLOC_INSTALL_COMMAND = "OFF",
  },
  install = {
    bin = { "lua/bin/pymalloc" },
  },
  -- Installed beside the rock's description; `luarocks show --rock-dir pymalloc` prints where.
  copy_directories = { "completions", "docs", "examples", "experiments", "man", "types" },
}

test = {
  type = "command",
  command = "bash script/test",
}
