# program(NAME SOURCE...): a C program of the project that uses the library, in
# programs/ of the build folder. It is not installed.
function(program name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE pymalloc)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                        ${CMAKE_CURRENT_BINARY_DIR}/programs)
endfunction()

# Programs that make Lua states link with Lua's library.
if(PYMALLOC_BUILD_LUA)
  string(REPLACE "." "" without_dot ${LUA_VERSION})
  find_library(LUA_LIBRARY NAMES lua${LUA_VERSION} lua-${LUA_VERSION}
               lua${without_dot} lua
               HINTS ${LUA_LIBRARY_DIRS})
endif()

# lua_program(NAME SOURCE...): the same with Lua. Left out where Lua's library
# is not found.
function(lua_program name)
  if(NOT LUA_LIBRARY)
    message(STATUS "${name} is left out: the library of Lua ${LUA_VERSION} is not found")
    return()
  endif()
  program(${name} ${ARGN})
  target_include_directories(${name} PRIVATE bindings/lua)
  target_include_directories(${name} SYSTEM PRIVATE ${LUA_INCLUDE_DIR})
  target_link_libraries(${name} PRIVATE ${LUA_LIBRARY} m ${CMAKE_DL_LIBS})
  # C modules that the states load call the Lua of the program.
  set_target_properties(${name} PROPERTIES ENABLE_EXPORTS ON)
endfunction()
