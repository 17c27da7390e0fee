# The fuzz targets: fuzz/NAME.c is programs/fuzz-NAME. With clang they run on
# libFuzzer, and they and a library of their own are built with the sanitizers.
# With another compiler, where coverage is counted, they are programs that run
# the files that they are given.
include(cmake/Programs.cmake)
set(fuzz_targets requests damage trace run packed alike)

if(CMAKE_C_COMPILER_ID STREQUAL Clang)
  set(checks address,undefined)
  # No target needs the folders at the end of the list in csrc/README.md.
  set(fuzzed_sources ${core_sources})
  list(FILTER fuzzed_sources EXCLUDE REGEX "/csrc/(analyse|lab)/")
  add_library(pymalloc-fuzzed STATIC ${fuzzed_sources} fuzz/input.c)
  target_include_directories(pymalloc-fuzzed PUBLIC csrc)
  target_compile_options(pymalloc-fuzzed PUBLIC -O1 -g1
    -fsanitize=fuzzer-no-link,${checks} -fno-sanitize-recover=all)
  if(PYMALLOC_ZLIB)
    target_compile_definitions(pymalloc-fuzzed PRIVATE PYM_ZLIB)
    target_link_libraries(pymalloc-fuzzed PUBLIC ${ZLIB_LIBRARIES})
  endif()
  add_custom_target(fuzz)
  foreach(name ${fuzz_targets})
    add_executable(fuzz-${name} fuzz/${name}.c)
    add_dependencies(fuzz fuzz-${name})
    target_link_libraries(fuzz-${name} PRIVATE pymalloc-fuzzed)
    target_link_options(fuzz-${name} PRIVATE -fsanitize=fuzzer,${checks})
    set_target_properties(fuzz-${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                          ${CMAKE_CURRENT_BINARY_DIR}/programs)
  endforeach()
elseif(PYMALLOC_COVERAGE)
  foreach(name ${fuzz_targets})
    program(fuzz-${name} fuzz/${name}.c fuzz/each.c fuzz/input.c)
  endforeach()
endif()
