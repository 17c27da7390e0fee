# The tests that are written in C, and the examples.
include(cmake/Programs.cmake)
find_package(Threads REQUIRED)

function(spec_program name)
  file(GLOB sources CONFIGURE_DEPENDS spec/${name}/*.c)
  program(${name} ${sources})
  # gcov's counts are written by exit, and not by _exit.
  if(PYMALLOC_COVERAGE)
    target_compile_definitions(${name} PRIVATE _exit=exit)
  endif()
endfunction()

spec_program(public)
spec_program(misuse)
spec_program(process)
target_link_libraries(process PRIVATE Threads::Threads)

# The functions that spec/failing/system.c replaces.
spec_program(failing)
foreach(call malloc calloc realloc free mmap munmap mprotect pipe fcntl read
        waitpid fopen getrlimit posix_spawnp posix_spawn_file_actions_init
        posix_spawn_file_actions_adddup2 posix_spawnattr_init
        posix_spawnattr_setsigdefault posix_spawnattr_setflags clock_gettime
        getrusage)
  target_link_options(failing PRIVATE -Wl,--wrap=${call})
endforeach()

lua_program(hosting spec/hosting/main.c)

# examples/c/NAME.c is programs/example-NAME.
file(GLOB examples CONFIGURE_DEPENDS examples/c/*.c)
foreach(source ${examples})
  get_filename_component(name ${source} NAME_WE)
  lua_program(example-${name} ${source})
endforeach()
program(example-embed examples/embed/embed.c)

# The C module of examples/module.
add_library(ring MODULE examples/module/ring.c)
target_include_directories(ring SYSTEM PRIVATE ${LUA_INCLUDE_DIR})
set_target_properties(ring PROPERTIES PREFIX "" SUFFIX .so
  C_VISIBILITY_PRESET default
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/programs)
