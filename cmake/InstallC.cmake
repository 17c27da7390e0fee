# The C library that is installed: header, libraries, CMake package, pkg-config file.
#
# It has the folders of csrc that the functions of pymalloc.h need, so that it needs
# no zlib. Nothing is compiled for it: it is made of the objects of the target
# pymalloc, which has all of csrc for the bindings and the tests.
#
# csrc/base/names.h gives the names that its files share the prefix pym__. A static
# library could keep such names to itself in another way too: 'ld -r' joins its
# objects to one, and 'objcopy --localize-hidden' hides the names. That depends on
# tools that differ between platforms and compilers, loses the objects' code for LTO,
# and links all of the library into each program. The prefix is of the sources, so
# each compiler, sanitizer and analyzer sees the same names. Its price is that a
# debugger shows pym__arena_open for arena_open. script/names writes the header, and
# script/suite/symbols fails where a name is missing.
include(CheckLinkerFlag)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/pymalloc)
set(installed_parts
  "/csrc/(base/(hash_table|raw|writer)|(geometry|memory|state|observe|serve|check|debug|report|api)/[a-z_]+)[.]c[.]")
set(installed_objects
  $<FILTER:$<TARGET_OBJECTS:pymalloc>,INCLUDE,${installed_parts}>)

# installed_library(NAME TYPE): pymalloc::NAME, in c/ of the build folder.
function(installed_library name type)
  add_library(pymalloc_${name} ${type} ${installed_objects})
  add_library(pymalloc::${name} ALIAS pymalloc_${name})
  set_target_properties(pymalloc_${name} PROPERTIES
    LINKER_LANGUAGE C OUTPUT_NAME pymalloc EXPORT_NAME ${name}
    ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/c
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/c)
  target_include_directories(pymalloc_${name} INTERFACE
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/csrc>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  if(PYMALLOC_COVERAGE)
    target_link_options(pymalloc_${name} PUBLIC --coverage)
  endif()
  install(TARGETS pymalloc_${name} EXPORT pymalloc
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endfunction()

installed_library(static STATIC)
get_property(has_shared GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS)
option(PYMALLOC_BUILD_SHARED "Build and install the shared library too"
       ${has_shared})
if(PYMALLOC_BUILD_SHARED)
  installed_library(shared SHARED)
  set_target_properties(pymalloc_shared PROPERTIES
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
  # Calls of the library's own functions do not go through the linkage table.
  check_linker_flag(C -Wl,-Bsymbolic-functions HAS_BSYMBOLIC_FUNCTIONS)
  if(HAS_BSYMBOLIC_FUNCTIONS)
    target_link_options(pymalloc_shared PRIVATE -Wl,-Bsymbolic-functions)
  endif()
endif()

# A project that has this one as a subfolder links pymalloc::pymalloc, as one that
# finds the package does (pymallocConfig.cmake.in).
if(BUILD_SHARED_LIBS AND TARGET pymalloc_shared)
  add_library(pymalloc::pymalloc ALIAS pymalloc_shared)
else()
  add_library(pymalloc::pymalloc ALIAS pymalloc_static)
endif()

install(FILES csrc/pymalloc.h csrc/pymalloc_inline.h
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

install(EXPORT pymalloc FILE pymallocTargets.cmake NAMESPACE pymalloc::
        DESTINATION ${package_dir})
write_basic_package_version_file(pymallocConfigVersion.cmake
                                 COMPATIBILITY SameMajorVersion)
install(FILES cmake/pymallocConfig.cmake
        ${CMAKE_CURRENT_BINARY_DIR}/pymallocConfigVersion.cmake
        DESTINATION ${package_dir})

# Its paths are relative to the file, so that an installed tree can be moved.
file(RELATIVE_PATH near_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
     ${CMAKE_INSTALL_PREFIX})
file(RELATIVE_PATH near_libdir ${CMAKE_INSTALL_PREFIX}
     ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH near_includedir ${CMAKE_INSTALL_PREFIX}
     ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(cmake/pymalloc.pc.in pymalloc.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/pymalloc.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
