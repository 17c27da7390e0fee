# shellcheck shell=bash
# Runs the steps of a gate: one line each, the log of what fails, and a
# closing line that sums them.

passed=0
failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# step NAME COMMAND...: counts as one.
step() {
  local name=$1 start=$SECONDS
  shift
  if "$@" >"$log" 2>&1 </dev/null; then
    passed=$((passed + 1))
    printf 'ok      %-34s %5d s\n' "$name" $((SECONDS - start))
  else
    show_failure "$name" $?
    failed=$((failed + 1))
  fi
}

# skip NAME WHY: a step that cannot be done here; counts as nothing.
skip() {
  printf 'skipped %-34s %s\n' "$1" "for want of: $2"
}

# specs NAME COMMAND...: busted; counts what it counted, and shows what specs
# print as "counted: ...". A run that ends badly counts one failure at least.
specs() {
  local name=$1 start=$SECONDS status=0 good bad
  shift
  "$@" >"$log" 2>&1 </dev/null || status=$?
  good=$(counted success)
  bad=$(($(counted failure) + $(counted error)))
  if [[ $status -ne 0 || $good -eq 0 ]]; then
    show_failure "$name" "$status"
    [[ $bad -gt 0 ]] || bad=1
  else
    printf 'ok      %-34s %5d s  %d specs, %d pending\n' "$name" \
      $((SECONDS - start)) "$good" "$(counted pending)"
    sed -n 's/^counted: /        /p' "$log"
  fi
  passed=$((passed + good))
  failed=$((failed + bad))
}

# The number before a word in busted's summary; 0 without one.
counted() {
  grep -Eo "[0-9]+ $1(es|s)?( |\$)" "$log" | tail -n 1 | grep -Eo '^[0-9]+' ||
    echo 0
}

show_failure() {
  printf 'FAILED  %s (exit %s)\n' "$1" "$2"
  tail -n 200 "$log" | sed 's/^/        /'
}

finish() {
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [[ $failed -eq 0 && $passed -gt 0 ]]
  exit
}
