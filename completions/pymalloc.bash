# Completion of the command pymalloc for bash. script/reference writes it.
_pymalloc() {
    local IFS=$' \t\n'
    local args cur prev cmd opts arg
    args=("${COMP_WORDS[@]}")
    cur="${COMP_WORDS[COMP_CWORD]}"
    prev="${COMP_WORDS[COMP_CWORD-1]}"
    opts="-h --help --version"

    args=("${args[@]:1}")
    for arg in "${args[@]}"; do
        case "$arg" in
            replay)
                cmd="replay"
                opts="$opts -h --help --placements --dump-every --dump --stats --stats-at --no-arena-map --json --profile --alignment --threshold --pool-bytes --arena-bytes --arena-offset --release --max-arenas --retain"
                break
                ;;
            record)
                cmd="record"
                opts="$opts -h --help -o --output --follow-fork --python --interpreter --where --depth"
                break
                ;;
            convert)
                cmd="convert"
                opts="$opts -h --help --format --to --lenient"
                break
                ;;
            step)
                cmd="step"
                opts="$opts -h --help --at --interpreter --keys --svg --theme --scale --title --profile --alignment --threshold --pool-bytes --arena-bytes --arena-offset --release --max-arenas --retain"
                break
                ;;
            show)
                cmd="show"
                opts="$opts -h --help --at --arena --pool --block --request --anatomy --stats --json --svg --theme --scale --title --columns --highlight --interpreter --profile --alignment --threshold --pool-bytes --arena-bytes --arena-offset --release --max-arenas --retain"
                break
                ;;
            html)
                cmd="html"
                opts="$opts -h --help -o --output --at --from --to --compare --title --interpreter --lenient --profile --alignment --threshold --pool-bytes --arena-bytes --arena-offset --release --max-arenas --retain"
                break
                ;;
            pins)
                cmd="pins"
                opts="$opts -h --help --at --arena --by --stack --blocks --top --interpreter --json --profile --alignment --threshold --pool-bytes --arena-bytes --arena-offset --release --max-arenas --retain"
                break
                ;;
            analyse)
                cmd="analyse"
                opts="$opts -h --help --section --csv --json --svg --theme --scale --title --young --points --by --top --interpreter --profile --alignment --threshold --pool-bytes --arena-bytes --arena-offset"
                break
                ;;
            workload)
                cmd="workload"
                opts="$opts -h --help --requests --seed --set --of --list"
                break
                ;;
            compare)
                cmd="compare"
                opts="$opts -h --help --geometry --policy --oracle --real --sweep --measure --sort --baseline --csv --json --markdown --svg --theme --scale --title --plot --plot-trace --jobs --list --cell --cells --shard -o --output --merge"
                break
                ;;
            score)
                cmd="score"
                opts="$opts -h --help --board --name --date --json --csv"
                break
                ;;
            attach)
                cmd="attach"
                opts="$opts -h --help --interpreter --map --pins --stats --check --since --json --save --svg --theme --scale --title --columns --highlight"
                break
                ;;
            report)
                cmd="report"
                opts="$opts -h --help --number --json"
                break
                ;;
            traces)
                cmd="traces"
                opts="$opts -h --help"
                break
                ;;
            profiles)
                cmd="profiles"
                opts="$opts -h --help"
                break
                ;;
            classes)
                cmd="classes"
                opts="$opts -h --help --best --weight --json --profile --alignment --threshold --pool-bytes --arena-bytes --arena-offset"
                break
                ;;
            lesson)
                cmd="lesson"
                opts="$opts -h --help --again --check --grade --json --csv"
                break
                ;;
        esac
    done

    case "$cmd" in
        '')
            COMPREPLY=($(compgen -W "replay record convert step show html pins analyse workload compare score attach report traces profiles classes lesson" -- "$cur"))
            ;;
        'replay')
            case "$prev" in
                --dump-every)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --stats-at)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -W "3.6 3.8 3.9 3.10 3.11 3.15-hugepages 3.10-no-radix-tree classroom" -- "$cur"))
                    return 0
                    ;;
                --alignment)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --threshold)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --pool-bytes)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --arena-bytes)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --arena-offset)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --release)
                    COMPREPLY=($(compgen -W "at_once keep_last never" -- "$cur"))
                    return 0
                    ;;
                --max-arenas)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --retain)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'record')
            case "$prev" in
                -o|--output)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --interpreter)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --depth)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'convert')
            case "$prev" in
                --format)
                    COMPREPLY=($(compgen -W "pymalloc packed pytorch malloclab mtrace valgrind heaptrack memray android wee_alloc utrace memleak pwndbg uftrace ltrace" -- "$cur"))
                    return 0
                    ;;
                --to)
                    COMPREPLY=($(compgen -W "pymalloc packed malloclab" -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'step')
            case "$prev" in
                --at)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --interpreter)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --keys)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --svg)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --theme)
                    COMPREPLY=($(compgen -W "light dark auto" -- "$cur"))
                    return 0
                    ;;
                --scale)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --title)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -W "3.6 3.8 3.9 3.10 3.11 3.15-hugepages 3.10-no-radix-tree classroom" -- "$cur"))
                    return 0
                    ;;
                --alignment)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --threshold)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --pool-bytes)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --arena-bytes)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --arena-offset)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --release)
                    COMPREPLY=($(compgen -W "at_once keep_last never" -- "$cur"))
                    return 0
                    ;;
                --max-arenas)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --retain)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'show')
            case "$prev" in
                --at)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --arena)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --pool)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --block)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --svg)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --theme)
                    COMPREPLY=($(compgen -W "light dark auto" -- "$cur"))
                    return 0
                    ;;
                --scale)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --title)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --columns)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --highlight)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --interpreter)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -W "3.6 3.8 3.9 3.10 3.11 3.15-hugepages 3.10-no-radix-tree classroom" -- "$cur"))
                    return 0
                    ;;
                --alignment)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --threshold)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --pool-bytes)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --arena-bytes)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --arena-offset)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --release)
                    COMPREPLY=($(compgen -W "at_once keep_last never" -- "$cur"))
                    return 0
                    ;;
                --max-arenas)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --retain)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'html')
            case "$prev" in
                -o|--output)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --at)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --from)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --to)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --compare)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --title)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --interpreter)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -W "3.6 3.8 3.9 3.10 3.11 3.15-hugepages 3.10-no-radix-tree classroom" -- "$cur"))
                    return 0
                    ;;
                --alignment)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --threshold)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --pool-bytes)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --arena-bytes)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --arena-offset)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --release)
                    COMPREPLY=($(compgen -W "at_once keep_last never" -- "$cur"))
                    return 0
                    ;;
                --max-arenas)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --retain)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'pins')
            case "$prev" in
                --at)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --arena)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --by)
                    COMPREPLY=($(compgen -W "site line function file" -- "$cur"))
                    return 0
                    ;;
                --top)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --interpreter)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -W "3.6 3.8 3.9 3.10 3.11 3.15-hugepages 3.10-no-radix-tree classroom" -- "$cur"))
                    return 0
                    ;;
                --alignment)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --threshold)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --pool-bytes)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --arena-bytes)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --arena-offset)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --release)
                    COMPREPLY=($(compgen -W "at_once keep_last never" -- "$cur"))
                    return 0
                    ;;
                --max-arenas)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --retain)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'analyse')
            case "$prev" in
                --section)
                    COMPREPLY=($(compgen -W "summary sizes lifetimes joint young curve phases churn reallocs classes sites" -- "$cur"))
                    return 0
                    ;;
                --svg)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --theme)
                    COMPREPLY=($(compgen -W "light dark auto" -- "$cur"))
                    return 0
                    ;;
                --scale)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --title)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --young)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --points)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --by)
                    COMPREPLY=($(compgen -W "site stack line function file" -- "$cur"))
                    return 0
                    ;;
                --top)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --interpreter)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -W "3.6 3.8 3.9 3.10 3.11 3.15-hugepages 3.10-no-radix-tree classroom" -- "$cur"))
                    return 0
                    ;;
                --alignment)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --threshold)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --pool-bytes)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --arena-bytes)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --arena-offset)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'workload')
            case "$prev" in
                --requests)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --seed)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --set)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --of)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'compare')
            case "$prev" in
                --geometry)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --policy)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --oracle)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --real)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --sweep)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --measure)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --sort)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --baseline)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --svg)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --theme)
                    COMPREPLY=($(compgen -W "light dark auto" -- "$cur"))
                    return 0
                    ;;
                --scale)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --title)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --plot)
                    COMPREPLY=($(compgen -W "bars lines scatter curve heat" -- "$cur"))
                    return 0
                    ;;
                --plot-trace)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --jobs)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --cell)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --cells)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --shard)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                -o|--output)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'score')
            case "$prev" in
                --board)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --name)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --date)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'attach')
            case "$prev" in
                --interpreter)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --since)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --save)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --svg)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --theme)
                    COMPREPLY=($(compgen -W "light dark auto" -- "$cur"))
                    return 0
                    ;;
                --scale)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --title)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --columns)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --highlight)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'report')
            case "$prev" in
                --number)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'classes')
            case "$prev" in
                --best)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --weight)
                    COMPREPLY=($(compgen -W "requests peak" -- "$cur"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -W "3.6 3.8 3.9 3.10 3.11 3.15-hugepages 3.10-no-radix-tree classroom" -- "$cur"))
                    return 0
                    ;;
                --alignment)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --threshold)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --pool-bytes)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --arena-bytes)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --arena-offset)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'lesson')
            case "$prev" in
                --grade)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
    esac

    if [[ "$cur" = -* ]]; then
        COMPREPLY=($(compgen -W "$opts" -- "$cur"))
    fi
}

complete -F _pymalloc -o bashdefault -o default pymalloc
