# The installed library: pymalloc::static, pymalloc::shared where it was built, and
# pymalloc::pymalloc, which is the shared one where BUILD_SHARED_LIBS is on.
include(${CMAKE_CURRENT_LIST_DIR}/pymallocTargets.cmake)
if(NOT TARGET pymalloc::pymalloc)
  add_library(pymalloc::pymalloc INTERFACE IMPORTED)
  if(BUILD_SHARED_LIBS AND TARGET pymalloc::shared)
    set_target_properties(pymalloc::pymalloc PROPERTIES
                          INTERFACE_LINK_LIBRARIES pymalloc::shared)
  else()
    set_target_properties(pymalloc::pymalloc PROPERTIES
                          INTERFACE_LINK_LIBRARIES pymalloc::static)
  endif()
endif()
