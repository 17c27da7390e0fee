# shellcheck shell=bash
# failing_files FOLDER: the traces that the cases of spec/failing read.
failing_files() {
  printf 'a 1 8\nr 1 600\nf 1\nk\n' >"$1/short.trace"
  gzip -kf "$1/short.trace"
  { cat "$1/short.trace.gz"; echo junk; } >"$1/damaged.trace.gz"
  for ((i = 1; i < 30000; i++)); do
    echo "a $i $((i * 7919 % 1000))"
  done | gzip >"$1/long.trace.gz"
}
