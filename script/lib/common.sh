# shellcheck shell=bash
# Functions that every script needs: it changes to the root folder, and has --help and
# messages.

script=$(realpath "$0")
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit

die() {
  printf '%s: %s\n' "${script##*/}" "$*" >&2
  exit 1
}

# The comment at the head of the script is its help.
help() {
  sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$script"
  exit 0
}

# Refuses arguments: for a script that has none, or after those that it knows.
no_arguments() {
  [[ ${1:-} != --help && ${1:-} != -h ]] || help
  [[ $# -eq 0 ]] || die "unknown argument '$1' (see --help)"
}
