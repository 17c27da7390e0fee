# shellcheck shell=bash
# The table of what the project needs: for which purpose, how to find it, the package
# of Debian that has it, and its usual name elsewhere. VERSION is the version of python3, and
# GCC the name of the package of gcc, such as gcc-12. (Debian's gcc-multilib cannot be installed beside gcc for arm64.)
# These are optional, and without them this is left out:
#
#   python     bindings/python
#   web        the page and the playground
#   bits32     the tests on 32 bits
#   machines   the tests on arm64, with musl and on a new Debian
#   proofs     script/prove; script/setup does not install these
#   luarocks   time: without these, luarocks starts a program or two for each file
#   shells     tests of the completion in zsh and fish

needs='
demo|command cc|gcc|a C11 compiler: gcc or clang
demo|header stdio.h|libc6-dev|the headers of the C library
demo|command make|make|make
demo|command cmake|cmake|CMake 3.18 or later
demo|command lua5.4|lua5.4|Lua 5.4, as the command lua5.4
demo|header lua.h|liblua5.4-dev|the headers of Lua 5.4
demo|command xz|xz-utils|xz
demo|header zlib.h|zlib1g-dev|the headers of zlib
demo|module argparse|lua-argparse|the rock argparse
demo|module dkjson|lua-dkjson|the rock dkjson
test|command ninja|ninja-build|Ninja
test|command gcc|gcc|gcc, with its AddressSanitizer
test|command g++|g++|g++
test|command clang|clang|clang
test|command clang-tidy|clang-tidy|clang-tidy
test|command cppcheck|cppcheck|cppcheck
test|command clang-format|clang-format|clang-format
test|command pkg-config|pkg-config|pkg-config
test|command git|git|git
test|command gzip|gzip|gzip
test|command zstd|zstd|zstd
test|command luarocks|luarocks|LuaRocks 3
test|command luacheck|lua-check|luacheck
test|command script|bsdutils|script, of util-linux
test|command mandoc|mandoc|mandoc
test|command valgrind|valgrind|valgrind
test|command ltrace|ltrace|ltrace
test|command tmux|tmux|tmux
test|command parallel|parallel|GNU parallel
test|command redis-server|redis-server|redis-server
test|command busybox|busybox-static|busybox, statically linked
test|header jemalloc/jemalloc.h|libjemalloc-dev|jemalloc
test|header gperftools/tcmalloc.h|libgoogle-perftools-dev|tcmalloc
test|header mimalloc.h|libmimalloc-dev|mimalloc
test|module busted|lua-busted|busted
test|module lfs|lua-filesystem|the rock luafilesystem
python|command /usr/bin/python3|python3|Python 3.11 or later, as /usr/bin/python3
python|pkg python3-embed >= 3.11|libpython3-dev|the development files of Python 3.11 or later
python|python hypothesis|python3-hypothesis|Hypothesis, for /usr/bin/python3
python|python pytest|python3-pytest|pytest, for /usr/bin/python3
python|python test.test_dict|libpythonVERSION-testsuite|the regression tests of CPython
web|command clang|clang|clang
web|command wasm-ld|lld|lld
web|wasm wasi-libc|wasi-libc|wasi-libc
web|wasm wasm-builtins|libclang-rt-dev-wasm32|compiler-rt of clang for wasm32
web|command dpkg-source|dpkg-dev|dpkg-source and apt-get of Debian, for the sources of Lua and zlib
web|command node|nodejs|node 18 or later
web|command npm|npm|npm
bits32|bits32 gcc-m32|GCC-multilib|gcc that compiles for 32 bits, with -m32
web|command chromium|chromium|Chromium
luarocks|luarocks md5|lua-md5|the rock md5, for the Lua that runs luarocks
luarocks|luarocks posix|lua-posix|the rock luaposix, for the Lua that runs luarocks
shells|command zsh|zsh|zsh
shells|command fish|fish|fish
machines|command aarch64-linux-gnu-gcc|gcc-aarch64-linux-gnu|gcc for arm64
machines|file /usr/aarch64-linux-gnu/include/stdio.h|libc6-dev-arm64-cross|the C library of arm64
machines|command qemu-aarch64|qemu-user|qemu-user for arm64
machines|command musl-gcc|musl-tools|musl, with musl-gcc
machines|command debootstrap|debootstrap|debootstrap
proofs|command frama-c|frama-c-base|Frama-C 25
proofs|command why3|why3|Why3
proofs|command z3|z3|Z3
proofs|command cvc4|cvc4|CVC4
'

# has_wasm wasi-libc | wasm-builtins: can clang compile with wasi-libc; are its builtins there?
has_wasm() {
  case $1 in
    wasi-libc) printf '#include <stdio.h>\n' | clang --target=wasm32-wasi -E - ;;
    wasm-builtins) [[ -e $(clang --target=wasm32-wasi --rtlib=compiler-rt \
      -print-libgcc-file-name) ]] ;;
  esac
}

has_bits32() {
  echo '#include <stdio.h>
    int main(void) { return puts(""); }' | gcc -m32 -x c -o /dev/null -
}

has() {
  case $1 in
    bits32) has_bits32 ;;
    command) command -v "$2" ;;
    file) [[ -e $2 ]] ;;
    header) printf '#include <%s>\n' "$2" | cc -E -I/usr/include/lua5.4 - ;;
    luarocks) lua5.1 -e "require '$2'" ;; # Debian's luarocks runs on Lua 5.1
    module) lua5.4 -e "require '$2'" ;;
    pkg) pkg-config --exists "${*:2}" ;;
    wasm) has_wasm "$2" ;;
    python) /usr/bin/python3 -c "import $2" ;;
  esac >/dev/null 2>&1
}

python_version() {
  /usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' \
    2>/dev/null
}

# missing GROUP...: prints the lines of the table whose thing is missing.
missing() {
  local group probe package usual version gcc
  version=$(python_version) || true
  gcc=gcc-$(gcc -dumpversion 2>/dev/null) || gcc=gcc
  while IFS='|' read -r group probe package usual; do
    [[ -n $group && " $* " == *" $group "* ]] || continue
    # shellcheck disable=SC2086 # a probe is words
    has $probe && continue
    package=${package/VERSION/$version}
    printf '%s|%s|%s\n' "$probe" "${package/GCC/$gcc}" "$usual"
  done <<<"$needs"
}

# lacking THING...: prints the usual names of those things that are missing; nothing if
# none is. A thing is the second word of a probe.
lacking() {
  local lines thing
  lines=$(missing python web bits32 machines luarocks shells proofs)
  for thing in "$@"; do
    { grep -E "^[a-z]+ ${thing}[ |]" <<<"$lines" || true; } | cut -d'|' -f3
  done | paste -sd';'
}
