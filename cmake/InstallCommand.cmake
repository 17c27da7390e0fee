# The command pymalloc, its man pages and completions, and the types of the Lua module
# for editors. LuaRocks installs the command itself, so a rock has this off.

# The command first looks for its modules where they are installed with it: beside its
# own folder, so that the tree can be moved, and else in the folder of CMake's prefix.
foreach(kind LUADIR LIBDIR)
  if(IS_ABSOLUTE ${INSTALL_${kind}})
    set(full_${kind} ${INSTALL_${kind}})
  else()
    set(full_${kind} ${CMAKE_INSTALL_PREFIX}/${INSTALL_${kind}})
  endif()
  file(RELATIVE_PATH near_${kind} ${CMAKE_INSTALL_FULL_BINDIR} ${full_${kind}})
endforeach()
file(READ lua/bin/pymalloc command)
string(REGEX REPLACE "^#![^\n]*\n" "" command "${command}")
configure_file(cmake/pymalloc.lua.in command/pymalloc @ONLY)

install(PROGRAMS ${CMAKE_CURRENT_BINARY_DIR}/command/pymalloc
        DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES man/pymalloc.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES man/pymalloc-trace.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(DIRECTORY types DESTINATION ${CMAKE_INSTALL_DATADIR}/pymalloc)

# Where bash, zsh and fish look for completions.
install(FILES completions/pymalloc.bash RENAME pymalloc
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES completions/_pymalloc
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES completions/pymalloc.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
