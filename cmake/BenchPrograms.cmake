# The programs that script/bench, script/stepping and script/soak run, in a Release
# build.
include(cmake/Programs.cmake)

file(GLOB sources CONFIGURE_DEPENDS bench/*.c)
program(bench ${sources})
target_link_libraries(bench PRIVATE ${CMAKE_DL_LIBS})

file(GLOB sources CONFIGURE_DEPENDS bench/lua/*.c)
lua_program(bench-lua ${sources})

program(soak fuzz/soak.c fuzz/input.c)

# A Lua module with an empty function, beside which buffers are measured.
if(PYMALLOC_BUILD_LUA)
  add_library(empty MODULE bench/buffers/empty.c)
  target_include_directories(empty SYSTEM PRIVATE ${LUA_INCLUDE_DIR})
  set_target_properties(empty PROPERTIES PREFIX "" SUFFIX .so
    C_VISIBILITY_PRESET default
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/programs)
endif()

# The same pairs of malloc and free, without and with the events compiled out.
program(pairs bench/stepping/pairs.c)
add_library(pymalloc-unwatched STATIC EXCLUDE_FROM_ALL ${core_sources})
target_include_directories(pymalloc-unwatched PUBLIC csrc)
target_compile_definitions(pymalloc-unwatched PUBLIC PYMALLOC_UNWATCHED)
add_executable(pairs-unwatched EXCLUDE_FROM_ALL bench/stepping/pairs.c)
target_link_libraries(pairs-unwatched PRIVATE pymalloc-unwatched)
set_target_properties(pairs-unwatched PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                      ${CMAKE_CURRENT_BINARY_DIR}/programs)
