# script/lib/machine.sh: the facts of a machine on which figures are measured. Sourced.

# Prints one line for each fact: '#', its name, a tab, its value.
machine_facts() {
  lscpu | awk -F': *' '
    { sub(/ \([0-9]+ instances?\)/, "") }
    $1 == "Model name" { name = $2 }
    $1 == "CPU family" { family = $2 }
    $1 == "Model" { model = $2 }
    $1 == "Stepping" { stepping = $2 }
    $1 == "CPU(s)" { count = $2 }
    $1 ~ /^L1d/ { l1 = $2 }
    $1 ~ /^L2/ { l2 = $2 }
    $1 ~ /^L3/ { l3 = $2 }
    END {
      printf "#processor\t%s (family %s, model %s, stepping %s)\n", name, family, model, stepping
      printf "#processors\t%s\n", count
      if (l1 == "") printf "#caches\tnot known: lscpu names none\n"
      else printf "#caches\tL1d %s, L2 %s, L3 %s, each the sum over the processors\n", l1, l2, l3
    }'
  awk -F': *' '/^cpu MHz/ { printf "#clock\t%.0f MHz when measured\n", $2; exit }' /proc/cpuinfo
  printf '#kernel\t%s\n' "$(uname -sr)"
  # shellcheck source=/dev/null
  printf '#system\t%s\n' "$(. /etc/os-release && echo "$PRETTY_NAME")"
  printf '#compiler\t%s\n' "$("${CC:-cc}" --version | head -1)"
  printf '#date\t%s\n' "$(date -u +%F)"
}
