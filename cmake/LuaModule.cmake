# The Lua module pymalloc.core, in pymalloc/core.so of the build folder.

# LuaRocks passes LUA_INCLUDE_DIR; otherwise pkg-config and the usual places are
# searched, for Lua 5.4 first.
if(NOT LUA_INCLUDE_DIR)
  find_package(PkgConfig QUIET)
  if(PKG_CONFIG_FOUND)
    pkg_search_module(LUA QUIET lua5.4 lua-5.4 lua54 lua5.5 lua-5.5 lua55)
  endif()
  find_path(LUA_INCLUDE_DIR lua.h HINTS ${LUA_INCLUDE_DIRS}
            PATH_SUFFIXES lua5.4 lua-5.4 lua54 lua5.5 lua-5.5 lua55 lua)
endif()
if(NOT EXISTS "${LUA_INCLUDE_DIR}/lua.h")
  message(FATAL_ERROR
    "lua.h of Lua 5.4 or 5.5 not found; give its folder with "
    "-DLUA_INCLUDE_DIR=..., or leave the module out with "
    "-DPYMALLOC_BUILD_LUA=OFF")
endif()
# Lua 5.4 has the number of the version as a text, 5.5 as a number.
file(STRINGS "${LUA_INCLUDE_DIR}/lua.h" lua_minor
     REGEX "LUA_VERSION_MINOR(_N[ \t]+[45]|[ \t]+\"4\")[ \t]*$")
if(NOT lua_minor MATCHES "([45])\"?[ \t]*$")
  message(FATAL_ERROR "${LUA_INCLUDE_DIR}/lua.h is not of Lua 5.4 or 5.5")
endif()
set(LUA_VERSION 5.${CMAKE_MATCH_1})

set(INSTALL_LUADIR ${CMAKE_INSTALL_DATADIR}/lua/${LUA_VERSION} CACHE PATH
    "Where Lua files are installed")
set(INSTALL_LIBDIR ${CMAKE_INSTALL_LIBDIR}/lua/${LUA_VERSION} CACHE PATH
    "Where C modules of Lua are installed")

# The program that loads the module has the Lua API, so there is nothing to link with.
file(GLOB lua_sources CONFIGURE_DEPENDS bindings/lua/*.c)
add_library(core MODULE ${lua_sources})
target_include_directories(core SYSTEM PRIVATE ${LUA_INCLUDE_DIR})
target_link_libraries(core PRIVATE pymalloc)
# Calls of the Lua API are made without a stub of the procedure linkage table.
target_compile_options(core PRIVATE
  $<$<C_COMPILER_ID:GNU,Clang>:-fno-plt>)
if(LUA_VERSION STREQUAL 5.5)
  target_compile_definitions(core PRIVATE luaL_error=binding_raise) # raise.c says why
endif()
set_target_properties(core PROPERTIES PREFIX "" SUFFIX .so
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/pymalloc)

# The C modules of an installed rock: core, and those that Preload.cmake adds.
add_custom_target(module DEPENDS core)

if(PYMALLOC_COVERAGE)
  target_compile_options(core PRIVATE --coverage)
endif()
if(APPLE)
  target_link_options(core PRIVATE -undefined dynamic_lookup)
else()
  # nodelete: a hosted state still frees its memory after its modules are unloaded.
  # exclude-libs: luaopen_pymalloc_core is the only exported symbol, so that two
  # copies of the library in one process do not use each other's functions.
  target_link_options(core PRIVATE -Wl,-z,nodelete -Wl,--exclude-libs,ALL)
endif()

install(TARGETS core LIBRARY DESTINATION ${INSTALL_LIBDIR}/pymalloc)
install(DIRECTORY lua/ DESTINATION ${INSTALL_LUADIR}
        FILES_MATCHING PATTERN "*.lua" PATTERN bin EXCLUDE)
foreach(builtin startup json)
  install(FILES traces/cpython-${builtin}.trace.xz RENAME ${builtin}.trace.xz
          DESTINATION ${INSTALL_LUADIR}/pymalloc/trace)
endforeach()

# The page of 'pymalloc html', where script/web has built it, or a source archive has it.
install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/build-web/page.html
        DESTINATION ${INSTALL_LUADIR}/pymalloc/page OPTIONAL)
