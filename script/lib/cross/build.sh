# shellcheck shell=bash
# Builds for another machine: Lua 5.4, zlib, LuaFileSystem and the project, into the folder
# $build. A script that reads this sets these first:
#
#   build      the folder
#   compiler   the compiler and its flags, as an array
#   multiarch  Debian's name of the machine, such as i386-linux-gnu
#   options    more options of CMake for the project, as an array
#
# Afterwards $build/bin has lua5.4, $build/programs the programs, and $build/pymalloc the
# modules of the project.

launcher=${CMAKE_C_COMPILER_LAUNCHER:-}
: "${build:?}" "${compiler[0]:?}" "${multiarch:?}" "${options[*]-}"

# objects FOLDER FLAGS... -- FILE...: compiles each file into the folder.
objects() {
  local folder=$1 flags=()
  shift
  while [[ $1 != -- ]]; do
    flags+=("$1")
    shift
  done
  shift
  mkdir -p "$folder"
  # shellcheck disable=SC2016 # the shell that xargs starts expands them
  printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} sh -c \
    'file=$1; folder=$2; shift 2; exec "$@" -c "$file" -o "$folder/$(basename "$file" .c).o"' \
    - {} "$folder" ${launcher:+"$launcher"} "${compiler[@]}" -O1 -w -fPIC "${flags[@]}"
}

# Debian's luaconf.h includes this header, which Debian's build generates. The modules in
# Lua are those of the system, except those that need C.
write_paths() {
  local system=/usr/share/lua/5.4
  mkdir -p "$build/include" "$build/bin"
  printf '#define %s\n' "DEB_HOST_MULTIARCH \"$multiarch\"" \
    "LUA_PATH_DEFAULT \"$PWD/script/lib/cross/?.lua;$system/?.lua;$system/?/init.lua\"" \
    "LUA_CPATH_DEFAULT \"$build/?.so\"" >"$build/include/lua5.4-deb-multiarch.h"
}

# build_lua SOURCES MODULES
build_lua() {
  local lua=$1/lua5.4/src zlib=$1/zlib files=()
  write_paths
  for file in "$lua"/*.c; do
    [[ $file == */luac.c ]] || files+=("$file")
  done
  objects "$build/lua" -DLUA_USE_LINUX -DLUA_COMPAT_5_3 "-I$build/include" -- "${files[@]}"
  "${compiler[@]}" -Wl,-E "$build"/lua/*.o -lm -ldl -o "$build/bin/lua5.4"
  files=()
  for file in adler32 crc32 deflate inffast inflate inftrees trees zutil; do
    files+=("$zlib/$file.c")
  done
  objects "$build/zlib" -- "${files[@]}"
  rm -f "$build/libz.a"
  ar rc "$build/libz.a" "$build"/zlib/*.o
  objects "$build/modules" "-I$lua" "-I$build/include" -- \
    "$2/lua-filesystem/src/lfs.c"
  "${compiler[@]}" -shared "$build/modules/lfs.o" -o "$build/lfs.so"
}

# build_project SOURCES
build_project() {
  cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_C_COMPILER="${compiler[0]}" \
    -DCMAKE_C_FLAGS="${compiler[*]:1} -isystem $build/include" \
    -DCMAKE_C_FLAGS_RELWITHDEBINFO=-O1 \
    -DLUA_INCLUDE_DIR="$1/lua5.4/src" -DZLIB_INCLUDE_DIR="$1/zlib" \
    -DZLIB_LIBRARY="$build/libz.a" -DPYMALLOC_BUILD_SPECS=ON \
    -DPYMALLOC_BUILD_PYTHON=OFF -DPYMALLOC_WERROR=ON "${options[@]}" >"$build/log" 2>&1 ||
    die "see $build/log"
  cmake --build "$build" --parallel "$(nproc)" --target core pymalloc_faults misuse public \
    process >"$build/log" 2>&1 || {
    cat "$build/log"
    die "it cannot be built for $multiarch"
  }
}

# cross_build: all of it.
cross_build() {
  local sources modules
  mkdir -p "$build"
  sources=$(script/lib/web/sources)
  modules=$(script/lib/web/sources lua-filesystem=1.8.0-3)
  build_lua "$sources" "$modules"
  build_project "$sources"
}

# facts LUA BUILD: the digests and events that must be equal on all machines.
facts() {
  LUA_PATH="lua/?.lua;lua/?/init.lua;;" LUA_CPATH="$2/?.so;;" "$1" script/lib/cross/facts.lua
}

# compare_facts: fails if those of the other machine differ from those of this one.
compare_facts() {
  [[ -e build/pymalloc/core.so ]] || die "run script/build first"
  facts lua5.4 build >"$build/facts-here"
  facts "$build/bin/lua5.4" "$build" >"$build/facts"
  cmp "$build/facts-here" "$build/facts" ||
    die "the events or digests of $multiarch differ from those of this machine"
}
