# The libraries that are loaded into other programs, beside pymalloc/core.so:
# pymalloc/preload.so records requests to malloc, pymalloc/preload_python.so those
# of a CPython's objects, and pymalloc/real.so replays a trace on the allocator of
# its process. They need the GNU C library.
include(CheckSymbolExists)
check_symbol_exists(__GLIBC__ features.h HAS_GLIBC)
if(NOT HAS_GLIBC)
  message(STATUS "pymalloc record and pymalloc.real are left out: they need the "
          "GNU C library")
  return()
endif()

function(preloaded name)
  list(TRANSFORM ARGN PREPEND bindings/preload/)
  add_library(${name} MODULE ${ARGN})
  set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX .so
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/pymalloc)
  target_compile_options(${name} PRIVATE -fno-builtin)
  target_link_libraries(${name} PRIVATE ${CMAKE_DL_LIBS})
  add_dependencies(module ${name})
  install(TARGETS ${name} LIBRARY DESTINATION ${INSTALL_LIBDIR}/pymalloc)
endfunction()

function(recorder name)
  preloaded(${name} writer.c window.c window_file.c mark.c ${ARGN})
endfunction()

# Its process has no sanitizer, whatever the module is built with.
preloaded(real real.c real_allocator.c real_python.c real_resident.c)
if(PYMALLOC_SANITIZE)
  target_compile_options(real PRIVATE -fno-sanitize=all)
  target_link_options(real PRIVATE -fno-sanitize=all)
  return()
endif()

recorder(preload preload.c recorder.c next.c operators.c jemalloc.c exec.c
  where.c where_stack.c modules.c)
recorder(preload_python python.c python_api.c python_layout.c python_origin.c
  python_sites.c python_stack.c python_text.c site_table.c exec.c)

# The unwinder is linked statically, and hidden from the program, which may have
# another one. An operator that calls another one keeps its frame, so that the
# unwinder finds it.
target_link_options(preload PRIVATE -static-libgcc -Wl,--exclude-libs,ALL)
set_source_files_properties(bindings/preload/operators.c PROPERTIES
  COMPILE_OPTIONS -fno-optimize-sibling-calls)
