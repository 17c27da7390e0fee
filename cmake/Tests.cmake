# The steps of script/test, as tests of CTest. All run in the root of the
# sources, and choose their build folder themselves. script/test NAME runs one.
#
# Labels: "check" is run by script/check, "test" by script/test, "deep" by
# script/test --deep together with "test"; the others say what a step reads or runs.

# step(NAME COMMAND... [LABELS ...] [NEEDS BUILD...] [COST SECONDS] [WHOLE]):
# NEEDS names steps that build; COST, the seconds of processor time, lets long steps begin
# first; a WHOLE step keeps all processors busy by itself, so that one other step at most
# runs beside it, and has a large COST, because it would wait at the end for other steps.
function(step name)
  cmake_parse_arguments(STEP WHOLE COST "COMMAND;LABELS;NEEDS" ${ARGN})
  add_test(NAME ${name} COMMAND ${STEP_COMMAND}
           WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 3600
    LABELS "${STEP_LABELS}" FIXTURES_REQUIRED "${STEP_NEEDS}")
  if(STEP_COST)
    set_tests_properties(${name} PROPERTIES COST ${STEP_COST})
  endif()
  if(STEP_WHOLE)
    include(ProcessorCount)
    ProcessorCount(processors)
    set_tests_properties(${name} PROPERTIES PROCESSORS ${processors})
  endif()
endfunction()

# The other builds. build/ exists before CTest runs. What the steps of script/test do not
# run is built in the deep part: the benchmarks, and with clang what static-quick compiles
# with the same warnings.
function(build_step name)
  step(build-${name} COMMAND script/build ${ARGN} WHOLE)
  set_tests_properties(build-${name} PROPERTIES FIXTURES_SETUP build-${name})
endfunction()

build_step(sanitize --sanitize)
build_step(release --release module pymalloc_static pymalloc_shared)
build_step(fuzz --clang fuzz)
build_step(release-whole --release)
build_step(clang --clang)
set_tests_properties(build-sanitize build-release build-fuzz PROPERTIES LABELS "test;build")
set_tests_properties(build-release-whole build-clang PROPERTIES LABELS "deep;build")

# Steps that read the sources.
step(format COMMAND script/format --check LABELS test check source)
step(luacheck COMMAND luacheck --quiet . LABELS test check source)
step(layers COMMAND script/layers LABELS test check source)
step(invariants COMMAND script/invariants LABELS test check source)
step(names COMMAND script/names --check LABELS test check source)
step(static COMMAND script/static LABELS deep source COST 90 WHOLE)
step(static-quick COMMAND script/static --quick LABELS test check source COST 300 WHOLE)
step(prove COMMAND script/lib/needing frama-c why3 z3 cvc4 -- script/prove
     LABELS deep source COST 300)
step(lessons COMMAND script/lessons LABELS test check source)
step(documented COMMAND script/documented LABELS test check source)
step(reference COMMAND script/reference --check LABELS test check source)
step(life COMMAND script/life --check LABELS test check source)
step(pictures COMMAND script/pictures --check LABELS test check source)

# Specs, a step for each folder. Those of spec/scripts test scripts that read the
# sources, and those of spec/commands test Lua code, plots and whole commands, whose
# C code the specs of other folders run: they run without sanitizers.
#
# Those of unit, property, robustness and collector run under the sanitizers, but for those
# whose name has the tag "#long": they take seconds there, and run without. The deep part
# has the others of both kinds. Those of fidelity and lessons run without sanitizers, and with
# them in the deep part: the C code that they run is that of the other folders.
function(specs folder plain sanitized)
  set(labels test specs)
  set(sanitized_labels test specs sanitized)
  if(folder STREQUAL "unit")
    set(labels deep specs check)
  elseif(folder MATCHES "^(commands|scripts)$")
    list(APPEND labels check)
  elseif(folder MATCHES "^(property|robustness|collector)$")
    set(labels deep specs)
  elseif(folder MATCHES "^(fidelity|lessons)$")
    set(sanitized_labels deep specs sanitized)
  endif()
  step(specs-${folder} COMMAND script/specs --run=${folder} LABELS ${labels}
       COST ${plain})
  if(sanitized)
    step(specs-${folder}-sanitized COMMAND script/specs --sanitize
         --run=${folder} --exclude-tags=long LABELS ${sanitized_labels} NEEDS build-sanitize
         COST ${sanitized})
  endif()
endfunction()

set(long_specs --tags=long spec/unit spec/property)
step(specs-long COMMAND script/specs ${long_specs} LABELS test specs COST 35)
step(specs-long-sanitized COMMAND script/specs --sanitize ${long_specs}
     LABELS deep specs sanitized NEEDS build-sanitize COST 150)

specs(unit 120 180)
specs(commands 220 0)
specs(property 31 30)
specs(fidelity 40 75)
specs(robustness 45 130)
specs(collector 23 15)
specs(lessons 10 20)
specs(limit 2 4)
specs(scripts 28 0)

# Programs in C. asan/ is the folder of the sanitized ones.
set(programs ${CMAKE_CURRENT_BINARY_DIR}/programs)
set(asan ${CMAKE_CURRENT_SOURCE_DIR}/build-asan/programs)

step(misuse COMMAND ${programs}/misuse LABELS test programs)
step(process COMMAND ${programs}/process LABELS test programs)
step(public COMMAND ${asan}/public LABELS test programs sanitized
     NEEDS build-sanitize)
step(failing COMMAND script/suite/failing LABELS test programs sanitized
     NEEDS build-sanitize COST 35)
step(hosting COMMAND script/suite/hosting LABELS test programs sanitized
     NEEDS build-sanitize)
step(examples COMMAND script/suite/examples LABELS test programs)
step(experiments COMMAND script/experiments --check LABELS test programs
     NEEDS build-release COST 32)
step(fuzz COMMAND script/fuzz --short LABELS test fuzz NEEDS build-fuzz
     COST 25)

# The harness of bindings/python. script/lib/needing skips a step where one of
# its things is missing, and says so.
step(python COMMAND script/lib/needing python3-embed hypothesis pytest --
     script/suite/python LABELS test python COST 48)
step(python-sanitized COMMAND script/lib/needing python3-embed pytest --
     script/suite/python --sanitize LABELS test python sanitized
     NEEDS build-sanitize)
step(mutations COMMAND script/lib/needing python3-embed --
     script/mutations LABELS deep python NEEDS build-release-whole COST 50)
step(lesson-mutations COMMAND script/mutations --lessons LABELS deep
     NEEDS build-release-whole COST 40)
step(host-tests COMMAND script/lib/needing python3-embed test.test_dict --
     script/host-tests test_dict test_list test_set test_unicode test_bytes
     test_gc test_json test_pickle test_ast test_re LABELS test python COST 24)

step(fidelity COMMAND script/fidelity --short LABELS test programs python)
step(fuzz-live COMMAND script/fuzz-live --no-fuzzer --seed 1 1
     LABELS deep fuzz python COST 60)
step(record-counts COMMAND script/record-counts --short LABELS test programs)

# What users install and run: without assertions.
step(symbols COMMAND script/suite/symbols LABELS test product
     NEEDS build-release)
step(rock COMMAND script/suite/rock LABELS test product COST 90)
step(embed COMMAND script/suite/embed LABELS test product NEEDS build-release
     COST 34)
step(bits32 COMMAND script/lib/needing gcc-m32 dpkg-source --
     script/suite/bits32 LABELS deep programs COST 30)
step(pyodide COMMAND script/lib/needing clang wasm-ld wasi-libc node npm --
     script/suite/pyodide LABELS deep product COST 60)
step(i386 COMMAND script/lib/needing gcc-m32 -- script/suite/i386
     LABELS deep programs python COST 150)
step(lua55 COMMAND script/suite/lua55 LABELS deep specs COST 250)
step(arm64 COMMAND script/lib/needing aarch64-linux-gnu-gcc
     /usr/aarch64-linux-gnu/include/stdio.h qemu-aarch64 dpkg-source --
     script/suite/arm64 LABELS deep programs COST 250)
step(musl COMMAND script/lib/needing musl-gcc -- script/suite/musl
     LABELS test programs COST 35)
step(bare COMMAND script/lib/needing debootstrap -- script/suite/bare
     LABELS deep product COST 200)
step(web-twice COMMAND script/lib/needing clang wasm-ld wasi-libc wasm-builtins dpkg-source --
     script/suite/web-twice LABELS deep product COST 40)
step(web COMMAND script/lib/needing clang wasm-ld wasi-libc wasm-builtins dpkg-source
     node npm chromium -- script/suite/web LABELS test product COST 250)
set_tests_properties(web web-twice PROPERTIES RESOURCE_LOCK build-web)
step(demo COMMAND script/demo LABELS test product NEEDS build-release COST 15)
