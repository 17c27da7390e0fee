# The witness is preloaded into a CPython and records each request of a run;
# pymalloc-verify compares the record with a heap. Neither needs Python's headers,
# and neither is installed.
add_executable(pymalloc-verify
  bindings/python/verify.c bindings/python/verify_heap.c
  bindings/python/verify_marks.c bindings/python/headers.c
  bindings/python/headers_heap.c)
target_include_directories(pymalloc-verify PRIVATE csrc)
target_compile_definitions(pymalloc-verify PRIVATE _GNU_SOURCE)
target_link_libraries(pymalloc-verify PRIVATE pymalloc)
add_executable(pymalloc-guarded bindings/python/guarded.c)
target_include_directories(pymalloc-guarded PRIVATE csrc)
target_link_libraries(pymalloc-guarded PRIVATE pymalloc)

include(CheckSymbolExists)
check_symbol_exists(__GLIBC__ features.h HAS_GLIBC)
if(NOT HAS_GLIBC)
  return()
endif()

# A CPython has no sanitizer, whatever the rest is built with. The second one is for
# CPython 2.7.
foreach(witness witness witness_two)
  add_library(${witness} MODULE
    bindings/python/witness.c bindings/python/witness_main.c
    bindings/python/witness_record.c bindings/python/arenas.c
    bindings/python/headers.c bindings/python/real.c
    csrc/base/hash_table.c csrc/base/idmap.c csrc/base/raw.c csrc/base/writer.c
    csrc/geometry/geometry.c csrc/geometry/profile.c csrc/trace/trace_op.c)
  target_include_directories(${witness} PRIVATE csrc)
  target_compile_definitions(${witness} PRIVATE _GNU_SOURCE)
  target_link_libraries(${witness} PRIVATE ${CMAKE_DL_LIBS})
  target_compile_options(${witness} PRIVATE -fno-sanitize=all)
  target_link_options(${witness} PRIVATE -fno-sanitize=all)
  set_target_properties(${witness} PROPERTIES PREFIX "" SUFFIX .so
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/pymalloc)
endforeach()

# Requests of script/fuzz-live to a CPython that has the witness.
add_library(stream MODULE bindings/python/stream.c)
target_include_directories(stream PRIVATE csrc)
target_compile_options(stream PRIVATE -fno-sanitize=all)
target_link_options(stream PRIVATE -fno-sanitize=all)
set_target_properties(stream PROPERTIES PREFIX "" SUFFIX .so
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/pymalloc)
target_sources(witness_two PRIVATE bindings/python/witness_two.c)
