# Installs the files that a C program needs: header, library, CMake package,
# pkg-config file.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/pymalloc)

install(TARGETS pymalloc EXPORT pymalloc
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES csrc/pymalloc.h csrc/pymalloc_inline.h
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

# The library needs no other package, so its targets are the whole config.
install(EXPORT pymalloc FILE pymallocConfig.cmake NAMESPACE pymalloc::
        DESTINATION ${package_dir})
write_basic_package_version_file(pymallocConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/pymallocConfigVersion.cmake
        DESTINATION ${package_dir})

configure_file(cmake/pymalloc.pc.in pymalloc.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/pymalloc.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
