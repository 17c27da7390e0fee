# Lua modules that only specs use: they make memory fail, and damage heaps. They use
# the private headers of the core, and get their heaps from pymalloc.core.
file(GLOB support_sources CONFIGURE_DEPENDS spec/support/*.c)
add_library(pymalloc_faults MODULE ${support_sources})
target_include_directories(pymalloc_faults PRIVATE bindings/lua)
target_include_directories(pymalloc_faults SYSTEM PRIVATE ${LUA_INCLUDE_DIR})
target_link_libraries(pymalloc_faults PRIVATE pymalloc)
set_target_properties(pymalloc_faults PROPERTIES PREFIX "" SUFFIX .so
  C_VISIBILITY_PRESET default
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})

# A library that damages the heap of the program into which it is preloaded.
if(NOT PYMALLOC_SANITIZE)
  add_library(corruption MODULE spec/corruption/corruption.c)
  target_compile_options(corruption PRIVATE -Wno-missing-prototypes)
  target_link_libraries(corruption PRIVATE ${CMAKE_DL_LIBS})
  set_target_properties(corruption PROPERTIES PREFIX "" SUFFIX .so
    C_VISIBILITY_PRESET default
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/pymalloc)
endif()
