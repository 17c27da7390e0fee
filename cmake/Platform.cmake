# Refuses platforms on which the build cannot succeed, and warns of those that no test
# covers. docs/platforms.md lists what is tested.

if(CMAKE_SYSTEM_NAME STREQUAL "Windows")
  message(FATAL_ERROR "pymalloc needs POSIX (mmap), which Windows lacks; "
          "the Windows Subsystem for Linux has it")
elseif(NOT CMAKE_C_COMPILER_ID MATCHES "^(GNU|Clang|AppleClang)$")
  message(FATAL_ERROR "pymalloc needs gcc or clang: it uses extensions of "
          "theirs, and the compiler is ${CMAKE_C_COMPILER_ID}")
elseif(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
  message(WARNING "pymalloc is not tested on ${CMAKE_SYSTEM_NAME}: "
          "see docs/platforms.md")
elseif(CMAKE_C_BYTE_ORDER STREQUAL "BIG_ENDIAN")
  message(WARNING "pymalloc is not tested on machines with big-endian "
          "integers: see docs/platforms.md")
endif()
