# shellcheck shell=bash
# What spec/failing needs, to be linked and to be run.

# The functions that spec/failing/system.c stands in for.
failing_wraps=()
for name in malloc calloc realloc free mmap munmap mprotect pipe fcntl read \
  waitpid fopen getrlimit posix_spawnp posix_spawn_file_actions_init \
  posix_spawn_file_actions_adddup2 posix_spawnattr_init \
  posix_spawnattr_setsigdefault posix_spawnattr_setflags; do
  failing_wraps+=("-Wl,--wrap=$name")
done

# failing_files FOLDER: the traces that its cases read.
failing_files() {
  printf 'a 1 8\nr 1 600\nf 1\nk\n' >"$1/short.trace"
  gzip -kf "$1/short.trace"
  { cat "$1/short.trace.gz"; echo junk; } >"$1/damaged.trace.gz"
  for ((i = 1; i < 30000; i++)); do
    echo "a $i $((i * 7919 % 1000))"
  done | gzip >"$1/long.trace.gz"
}
