# bindings/python: the comparison with a live CPython, and CPython hosted on a heap.
# It needs libpython 3.11 or later, and is not installed.

find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(PYTHON_EMBED QUIET IMPORTED_TARGET python3-embed>=3.11)
endif()
if(NOT PYTHON_EMBED_FOUND)
  message(STATUS "bindings/python is left out: no python3-embed >= 3.11")
  return()
endif()

set(python_dir ${CMAKE_CURRENT_SOURCE_DIR}/bindings/python)

# Compiles a target of the harness with the headers of CPython, Lua and the core.
function(harness_target name)
  target_include_directories(${name} PRIVATE csrc bindings/lua)
  target_include_directories(${name} SYSTEM PRIVATE
                             ${PYTHON_EMBED_INCLUDE_DIRS} ${LUA_INCLUDE_DIR})
  target_compile_definitions(${name} PRIVATE _GNU_SOURCE)
endfunction()

# A module that is never unloaded, because CPython calls it until the process ends.
function(harness_module name)
  harness_target(${name})
  target_link_options(${name} PRIVATE -Wl,-z,nodelete -Wl,--exclude-libs,ALL)
  set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX .so)
endfunction()

# The files that read CPython's memory.
set(real_sources ${python_dir}/arenas.c ${python_dir}/headers.c
                 ${python_dir}/headers_heap.c ${python_dir}/real.c)

# The Lua module pymalloc.cpython, beside pymalloc.core.
if(PYMALLOC_BUILD_LUA)
  add_library(cpython MODULE ${python_dir}/cpython.c
              ${python_dir}/cpython_view.c ${real_sources})
  harness_module(cpython)
  target_link_libraries(cpython PRIVATE pymalloc PkgConfig::PYTHON_EMBED)
  set_target_properties(cpython PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/pymalloc)
endif()

# CPython hosted: an extension module for any python3, and a python3 of the
# project's own. Both are linked from the same objects. In Release the core and
# the hooks are optimized together, as in CPython.
set(hosted_sources ${python_dir}/upstream.c ${python_dir}/host.c
                   ${python_dir}/hostmodule.c ${python_dir}/exit_report.c
                   ${python_dir}/lookup.c ${python_dir}/previous_allocator.c)
set(hosted_library pymalloc)
if(CMAKE_BUILD_TYPE STREQUAL Release)
  list(APPEND hosted_sources ${core_sources})
  set(hosted_library "")
endif()

add_library(hosted OBJECT ${hosted_sources})
harness_target(hosted)

add_library(_pymalloc_host MODULE $<TARGET_OBJECTS:hosted>)
harness_module(_pymalloc_host)
target_link_libraries(_pymalloc_host PRIVATE ${hosted_library})

add_executable(pymalloc-python ${python_dir}/runner.c $<TARGET_OBJECTS:hosted>)
harness_target(pymalloc-python)
target_link_libraries(pymalloc-python PRIVATE ${hosted_library}
                      PkgConfig::PYTHON_EMBED)

if(CMAKE_BUILD_TYPE STREQUAL Release)
  set_target_properties(hosted _pymalloc_host pymalloc-python PROPERTIES
                        INTERPROCEDURAL_OPTIMIZATION ON)
endif()
