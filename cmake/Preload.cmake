# The library that records a program's requests: pymalloc/preload.so beside
# pymalloc/core.so. It stands on the GNU C library.
include(CheckSymbolExists)
check_symbol_exists(__GLIBC__ features.h HAS_GLIBC)
if(HAS_GLIBC AND NOT PYMALLOC_SANITIZE)
  add_library(preload MODULE bindings/preload/preload.c)
  set_target_properties(preload PROPERTIES PREFIX "" SUFFIX .so
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/pymalloc)
  target_compile_options(preload PRIVATE -fno-builtin)
  install(TARGETS preload LIBRARY DESTINATION ${INSTALL_LIBDIR}/pymalloc)
endif()
