# shellcheck shell=bash
# run_steps CTEST_OPTION...: builds build/, then runs steps of
# cmake/Tests.cmake with ctest, one more at once than there are processors,
# because steps wait (for a browser, a terminal, a signal), and sums them up.

run_steps() {
  local log start=$SECONDS
  log=$(mktemp)
  # shellcheck disable=SC2064 # the name of now
  trap "rm -f '$log'" EXIT
  if ! script/build >"$log" 2>&1; then
    echo "FAILED  build"
    tail -n 200 "$log" | sed 's/^/        /'
    echo "0 passed, 1 failed"
    return 1
  fi
  printf 'ok      %-34s %5d s\n' build $((SECONDS - start))
  find_python
  # Steps that build with CMake's usual generator start fewer processes with Ninja.
  ! command -v ninja >/dev/null || export CMAKE_GENERATOR=${CMAKE_GENERATOR:-Ninja}
  { ctest --test-dir build --verbose --no-tests=error \
    --parallel $(($(nproc) + 1)) "$@" </dev/null 2>&1 || true; } |
    lua5.4 script/lib/steps.lua 1 0
}

# Where python3 is a script that looks for the interpreter at each start, as that of pyenv is,
# puts the interpreter's own folder before it.
find_python() {
  local python
  python=$(python3 -c 'import sys; print(sys.executable)' 2>/dev/null) || return 0
  [[ :$PATH: == *:"${python%/*}":* ]] || PATH=${python%/*}:$PATH
}
