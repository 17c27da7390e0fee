# Completion of the command pymalloc for fish. script/reference writes it.
function __fish_pymalloc_print_command
    set -l cmdline (commandline -poc)
    set -l cmd
    set -e cmdline[1]
    for arg in $cmdline
        switch $arg
            case replay
                set cmd $cmd replay
                break
            case record
                set cmd $cmd record
                break
            case convert
                set cmd $cmd convert
                break
            case step
                set cmd $cmd step
                break
            case show
                set cmd $cmd show
                break
            case html
                set cmd $cmd html
                break
            case pins
                set cmd $cmd pins
                break
            case analyse
                set cmd $cmd analyse
                break
            case workload
                set cmd $cmd workload
                break
            case compare
                set cmd $cmd compare
                break
            case score
                set cmd $cmd score
                break
            case attach
                set cmd $cmd attach
                break
            case report
                set cmd $cmd report
                break
            case traces
                set cmd $cmd traces
                break
            case profiles
                set cmd $cmd profiles
                break
            case classes
                set cmd $cmd classes
                break
            case lesson
                set cmd $cmd lesson
                break
        end
    end
    echo "$cmd"
end

function __fish_pymalloc_using_command
    test (__fish_pymalloc_print_command) = "$argv"
    and return 0
    or return 1
end

function __fish_pymalloc_seen_command
    string match -q "$argv*" (__fish_pymalloc_print_command)
    and return 0
    or return 1
end

complete -c pymalloc -n '__fish_pymalloc_using_command' -xa 'replay' -d 'Run the requests of a trace on a new heap, and print a summary'
complete -c pymalloc -n '__fish_pymalloc_using_command' -xa 'record' -d 'Run a program and record its requests to malloc, or to CPython\'s object allocator'
complete -c pymalloc -n '__fish_pymalloc_using_command' -xa 'convert' -d 'Convert a trace or a log of another tool to a trace that pymalloc reads'
complete -c pymalloc -n '__fish_pymalloc_using_command' -xa 'step' -d 'Step through a trace in the terminal'
complete -c pymalloc -n '__fish_pymalloc_using_command' -xa 'show' -d 'Show the heap of a trace at one moment: as a picture, a report or JSON'
complete -c pymalloc -n '__fish_pymalloc_using_command' -xa 'html' -d 'Write a page that contains the allocator and a trace, for any browser'
complete -c pymalloc -n '__fish_pymalloc_using_command' -xa 'pins' -d 'List who asked for the blocks that keep arenas from being released'
complete -c pymalloc -n '__fish_pymalloc_using_command' -xa 'analyse' -d 'Print what a trace is like: sizes, lifetimes, and the bytes live over time'
complete -c pymalloc -n '__fish_pymalloc_using_command' -xa 'workload' -d 'Write a trace that is generated from a seed'
complete -c pymalloc -n '__fish_pymalloc_using_command' -xa 'compare' -d 'Compare designs of allocators on traces: geometries, policies, other allocators'
complete -c pymalloc -n '__fish_pymalloc_using_command' -xa 'score' -d 'Score a design of an allocator by the bytes that it holds and the arenas that it obtains'
complete -c pymalloc -n '__fish_pymalloc_using_command' -xa 'attach' -d 'Read the arenas of a running CPython from outside; it is not stopped'
complete -c pymalloc -n '__fish_pymalloc_using_command' -xa 'report' -d 'Explain and check a report of sys._debugmallocstats(), or compare two'
complete -c pymalloc -n '__fish_pymalloc_using_command' -xa 'traces' -d 'List the built-in traces, which can be given in place of the path of a trace'
complete -c pymalloc -n '__fish_pymalloc_using_command' -xa 'profiles' -d 'List the profiles: the geometries of CPython\'s versions'
complete -c pymalloc -n '__fish_pymalloc_using_command' -xa 'classes' -d 'List the size classes: size of a block, blocks in a pool, unused bytes of a pool'
complete -c pymalloc -n '__fish_pymalloc_using_command' -xa 'lesson' -d 'List the lessons, or start one'
complete -c pymalloc -s h -l help -d 'Show this help message and exit'
complete -c pymalloc -l version -d 'Print the version, and that of Lua'

complete -c pymalloc -n '__fish_pymalloc_seen_command replay' -s h -l help -d 'Show this help message and exit'
complete -c pymalloc -n '__fish_pymalloc_seen_command replay' -l placements -d 'Print the place of each request\'s block'
complete -c pymalloc -n '__fish_pymalloc_seen_command replay' -l dump-every -r -d 'Print the state after every N requests'
complete -c pymalloc -n '__fish_pymalloc_seen_command replay' -l dump -d 'Print the state at the end'
complete -c pymalloc -n '__fish_pymalloc_seen_command replay' -l stats -d 'Print the report at the peak of arenas; with --placements, --dump-every or --dump at the end'
complete -c pymalloc -n '__fish_pymalloc_seen_command replay' -l stats-at -r -d 'Print the report at this moment: N (after request N); end; peak (the most bytes of arenas are held, and of such moments the one with the most live bytes); live (the most bytes are live); unused (the most bytes of arenas are in no live block, at or after the peak); or the text of a mark of the trace'
complete -c pymalloc -n '__fish_pymalloc_seen_command replay' -l no-arena-map -d 'Omit the arena map from reports'
complete -c pymalloc -n '__fish_pymalloc_seen_command replay' -l json -d 'Print the summary as JSON'
complete -c pymalloc -n '__fish_pymalloc_seen_command replay' -l profile -xa '3.6 3.8 3.9 3.10 3.11 3.15-hugepages 3.10-no-radix-tree classroom' -d 'Geometry: a version of CPython, such as 3.6 or 3.12.1, or \'classroom\' (see \'pymalloc profiles\')'
complete -c pymalloc -n '__fish_pymalloc_seen_command replay' -l alignment -r -d 'Alignment of blocks, and step between size classes: a power of two from 8 to 512'
complete -c pymalloc -n '__fish_pymalloc_seen_command replay' -l threshold -r -d 'Largest request that pools serve: a multiple of the alignment'
complete -c pymalloc -n '__fish_pymalloc_seen_command replay' -l pool-bytes -r -d 'Size of a pool: a power of two, at most 1M'
complete -c pymalloc -n '__fish_pymalloc_seen_command replay' -l arena-bytes -r -d 'Size of an arena: a power of two, at most 1G'
complete -c pymalloc -n '__fish_pymalloc_seen_command replay' -l arena-offset -r -d 'Begin each arena this many bytes after an address aligned to pools: a multiple of the alignment, less than a pool'
complete -c pymalloc -n '__fish_pymalloc_seen_command replay' -l release -xa 'at_once keep_last never' -d 'When an arena without live blocks is released'
complete -c pymalloc -n '__fish_pymalloc_seen_command replay' -l max-arenas -r -d 'Limit on arenas at one time'
complete -c pymalloc -n '__fish_pymalloc_seen_command replay' -l retain -r -d 'Bytes of released arenas that stay committed'

complete -c pymalloc -n '__fish_pymalloc_seen_command record' -s h -l help -d 'Show this help message and exit'
complete -c pymalloc -n '__fish_pymalloc_seen_command record' -s o -l output -r -d 'The trace to write: .ptrace is the packed form; .gz, .xz and .zst files are packed'
complete -c pymalloc -n '__fish_pymalloc_seen_command record' -l follow-fork -d 'Record every process: the first one in FILE, each other one in FILE.PID, and print a summary'
complete -c pymalloc -n '__fish_pymalloc_seen_command record' -l python -d 'Run python3 with COMMAND (a script, -c or -m) and its arguments, and record the requests to its object and memory domains'
complete -c pymalloc -n '__fish_pymalloc_seen_command record' -l interpreter -r -d 'With --python: the CPython to run, 3.7 or later'
complete -c pymalloc -n '__fish_pymalloc_seen_command record' -l where -d 'Record the call stack of each request: files and lines, as far as the program has them for addr2line'
complete -c pymalloc -n '__fish_pymalloc_seen_command record' -l depth -r -d 'With --where: the largest number of frames, 1 to 64, of a call stack'

complete -c pymalloc -n '__fish_pymalloc_seen_command convert' -s h -l help -d 'Show this help message and exit'
complete -c pymalloc -n '__fish_pymalloc_seen_command convert' -l format -xa 'pymalloc packed pytorch malloclab mtrace valgrind heaptrack memray android wee_alloc utrace memleak pwndbg uftrace ltrace' -d 'The format of IN'
complete -c pymalloc -n '__fish_pymalloc_seen_command convert' -l to -xa 'pymalloc packed malloclab' -d 'The format of OUT: pymalloc is text; packed, the default where OUT ends in .ptrace, is read much faster'
complete -c pymalloc -n '__fish_pymalloc_seen_command convert' -l lenient -d 'Leave out wrong lines, and count them'

complete -c pymalloc -n '__fish_pymalloc_seen_command step' -s h -l help -d 'Show this help message and exit'
complete -c pymalloc -n '__fish_pymalloc_seen_command step' -l at -r -d 'Start after this many requests'
complete -c pymalloc -n '__fish_pymalloc_seen_command step' -l interpreter -r -d 'The interpreter whose requests are shown'
complete -c pymalloc -n '__fish_pymalloc_seen_command step' -l keys -r -d 'With --svg: the keys that are pressed, with spaces between them, such as n, p, home, or e:pool_full (the key e, then this text)'
complete -c pymalloc -n '__fish_pymalloc_seen_command step' -l svg -r -d 'Save the screens after each of --keys as an animated picture; no terminal is needed'
complete -c pymalloc -n '__fish_pymalloc_seen_command step' -l theme -xa 'light dark auto' -d 'With --svg: the colours'
complete -c pymalloc -n '__fish_pymalloc_seen_command step' -l scale -r -d 'With --svg: the factor of the size in which the picture is shown, from 0.1 to 20'
complete -c pymalloc -n '__fish_pymalloc_seen_command step' -l title -r -d 'With --svg: the title'
complete -c pymalloc -n '__fish_pymalloc_seen_command step' -l profile -xa '3.6 3.8 3.9 3.10 3.11 3.15-hugepages 3.10-no-radix-tree classroom' -d 'Geometry: a version of CPython, such as 3.6 or 3.12.1, or \'classroom\' (see \'pymalloc profiles\')'
complete -c pymalloc -n '__fish_pymalloc_seen_command step' -l alignment -r -d 'Alignment of blocks, and step between size classes: a power of two from 8 to 512'
complete -c pymalloc -n '__fish_pymalloc_seen_command step' -l threshold -r -d 'Largest request that pools serve: a multiple of the alignment'
complete -c pymalloc -n '__fish_pymalloc_seen_command step' -l pool-bytes -r -d 'Size of a pool: a power of two, at most 1M'
complete -c pymalloc -n '__fish_pymalloc_seen_command step' -l arena-bytes -r -d 'Size of an arena: a power of two, at most 1G'
complete -c pymalloc -n '__fish_pymalloc_seen_command step' -l arena-offset -r -d 'Begin each arena this many bytes after an address aligned to pools: a multiple of the alignment, less than a pool'
complete -c pymalloc -n '__fish_pymalloc_seen_command step' -l release -xa 'at_once keep_last never' -d 'When an arena without live blocks is released'
complete -c pymalloc -n '__fish_pymalloc_seen_command step' -l max-arenas -r -d 'Limit on arenas at one time'
complete -c pymalloc -n '__fish_pymalloc_seen_command step' -l retain -r -d 'Bytes of released arenas that stay committed'

complete -c pymalloc -n '__fish_pymalloc_seen_command show' -s h -l help -d 'Show this help message and exit'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l at -r -d 'The moment: N (after request N); end; peak (the most bytes of arenas are held, and of such moments the one with the most live bytes); live (the most bytes are live); unused (the most bytes of arenas are in no live block, at or after the peak); or the text of a mark of the trace'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l arena -r -d 'Only this arena'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l pool -r -d 'Only this pool: the slot of its arena and the pool\'s offset in it'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l block -r -d 'Only the bytes of this block'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l request -d 'The last request and what it changed, instead of the heap'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l anatomy -d 'With --svg: the parts of the heap with their names'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l stats -d 'Print the report of sys._debugmallocstats()'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l json -d 'Print the state as JSON'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l svg -r -d 'Save the picture, and print nothing'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l theme -xa 'light dark auto' -d 'With --svg: the colours'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l scale -r -d 'With --svg: the factor of the size in which the picture is shown, from 0.1 to 20'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l title -r -d 'With --svg: the title'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l columns -r -d 'With --svg: the number of pools in a row, from 1 to 256'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l highlight -r -d 'With --svg: frame this arena, pool or block, such as 0, 0:4096 or 0:4096:48'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l interpreter -r -d 'The interpreter whose heap is shown'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l profile -xa '3.6 3.8 3.9 3.10 3.11 3.15-hugepages 3.10-no-radix-tree classroom' -d 'Geometry: a version of CPython, such as 3.6 or 3.12.1, or \'classroom\' (see \'pymalloc profiles\')'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l alignment -r -d 'Alignment of blocks, and step between size classes: a power of two from 8 to 512'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l threshold -r -d 'Largest request that pools serve: a multiple of the alignment'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l pool-bytes -r -d 'Size of a pool: a power of two, at most 1M'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l arena-bytes -r -d 'Size of an arena: a power of two, at most 1G'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l arena-offset -r -d 'Begin each arena this many bytes after an address aligned to pools: a multiple of the alignment, less than a pool'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l release -xa 'at_once keep_last never' -d 'When an arena without live blocks is released'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l max-arenas -r -d 'Limit on arenas at one time'
complete -c pymalloc -n '__fish_pymalloc_seen_command show' -l retain -r -d 'Bytes of released arenas that stay committed'

complete -c pymalloc -n '__fish_pymalloc_seen_command html' -s h -l help -d 'Show this help message and exit'
complete -c pymalloc -n '__fish_pymalloc_seen_command html' -s o -l output -r -d 'The page'
complete -c pymalloc -n '__fish_pymalloc_seen_command html' -l at -r -d 'The moment that is shown first: N (after request N); end; peak (the most bytes of arenas are held, and of such moments the one with the most live bytes); live (the most bytes are live); unused (the most bytes of arenas are in no live block, at or after the peak); or the text of a mark of the trace'
complete -c pymalloc -n '__fish_pymalloc_seen_command html' -l from -r -d 'The first moment of the page: after request N'
complete -c pymalloc -n '__fish_pymalloc_seen_command html' -l to -r -d 'The last moment of the page: after request N'
complete -c pymalloc -n '__fish_pymalloc_seen_command html' -l compare -r -d 'Show a second heap of this geometry beside the first: a profile and KEY=VALUE, separated by commas'
complete -c pymalloc -n '__fish_pymalloc_seen_command html' -l title -r -d 'The title of the page'
complete -c pymalloc -n '__fish_pymalloc_seen_command html' -l interpreter -r -d 'The interpreter whose heap is shown'
complete -c pymalloc -n '__fish_pymalloc_seen_command html' -l lenient -d 'Leave out wrong lines, and count them'
complete -c pymalloc -n '__fish_pymalloc_seen_command html' -l profile -xa '3.6 3.8 3.9 3.10 3.11 3.15-hugepages 3.10-no-radix-tree classroom' -d 'Geometry: a version of CPython, such as 3.6 or 3.12.1, or \'classroom\' (see \'pymalloc profiles\')'
complete -c pymalloc -n '__fish_pymalloc_seen_command html' -l alignment -r -d 'Alignment of blocks, and step between size classes: a power of two from 8 to 512'
complete -c pymalloc -n '__fish_pymalloc_seen_command html' -l threshold -r -d 'Largest request that pools serve: a multiple of the alignment'
complete -c pymalloc -n '__fish_pymalloc_seen_command html' -l pool-bytes -r -d 'Size of a pool: a power of two, at most 1M'
complete -c pymalloc -n '__fish_pymalloc_seen_command html' -l arena-bytes -r -d 'Size of an arena: a power of two, at most 1G'
complete -c pymalloc -n '__fish_pymalloc_seen_command html' -l arena-offset -r -d 'Begin each arena this many bytes after an address aligned to pools: a multiple of the alignment, less than a pool'
complete -c pymalloc -n '__fish_pymalloc_seen_command html' -l release -xa 'at_once keep_last never' -d 'When an arena without live blocks is released'
complete -c pymalloc -n '__fish_pymalloc_seen_command html' -l max-arenas -r -d 'Limit on arenas at one time'
complete -c pymalloc -n '__fish_pymalloc_seen_command html' -l retain -r -d 'Bytes of released arenas that stay committed'

complete -c pymalloc -n '__fish_pymalloc_seen_command pins' -s h -l help -d 'Show this help message and exit'
complete -c pymalloc -n '__fish_pymalloc_seen_command pins' -l at -r -d 'The moment: N (after request N); end; peak (the most bytes of arenas are held, and of such moments the one with the most live bytes); live (the most bytes are live); unused (the most bytes of arenas are in no live block, at or after the peak); or the text of a mark of the trace'
complete -c pymalloc -n '__fish_pymalloc_seen_command pins' -l arena -r -d 'Only the blocks in this arena'
complete -c pymalloc -n '__fish_pymalloc_seen_command pins' -l by -xa 'site line function file' -d 'The blocks that share a row: those of one site, line, function or file'
complete -c pymalloc -n '__fish_pymalloc_seen_command pins' -l stack -d 'A row for each call stack, printed whole'
complete -c pymalloc -n '__fish_pymalloc_seen_command pins' -l blocks -d 'A row for each block: its id, its request and its size'
complete -c pymalloc -n '__fish_pymalloc_seen_command pins' -l top -r -d 'The number of rows printed'
complete -c pymalloc -n '__fish_pymalloc_seen_command pins' -l interpreter -r -d 'The interpreter whose heap is read'
complete -c pymalloc -n '__fish_pymalloc_seen_command pins' -l json -d 'Print all rows as JSON'
complete -c pymalloc -n '__fish_pymalloc_seen_command pins' -l profile -xa '3.6 3.8 3.9 3.10 3.11 3.15-hugepages 3.10-no-radix-tree classroom' -d 'Geometry: a version of CPython, such as 3.6 or 3.12.1, or \'classroom\' (see \'pymalloc profiles\')'
complete -c pymalloc -n '__fish_pymalloc_seen_command pins' -l alignment -r -d 'Alignment of blocks, and step between size classes: a power of two from 8 to 512'
complete -c pymalloc -n '__fish_pymalloc_seen_command pins' -l threshold -r -d 'Largest request that pools serve: a multiple of the alignment'
complete -c pymalloc -n '__fish_pymalloc_seen_command pins' -l pool-bytes -r -d 'Size of a pool: a power of two, at most 1M'
complete -c pymalloc -n '__fish_pymalloc_seen_command pins' -l arena-bytes -r -d 'Size of an arena: a power of two, at most 1G'
complete -c pymalloc -n '__fish_pymalloc_seen_command pins' -l arena-offset -r -d 'Begin each arena this many bytes after an address aligned to pools: a multiple of the alignment, less than a pool'
complete -c pymalloc -n '__fish_pymalloc_seen_command pins' -l release -xa 'at_once keep_last never' -d 'When an arena without live blocks is released'
complete -c pymalloc -n '__fish_pymalloc_seen_command pins' -l max-arenas -r -d 'Limit on arenas at one time'
complete -c pymalloc -n '__fish_pymalloc_seen_command pins' -l retain -r -d 'Bytes of released arenas that stay committed'

complete -c pymalloc -n '__fish_pymalloc_seen_command analyse' -s h -l help -d 'Show this help message and exit'
complete -c pymalloc -n '__fish_pymalloc_seen_command analyse' -l section -xa 'summary sizes lifetimes joint young curve phases churn reallocs classes sites' -d 'Print this section only'
complete -c pymalloc -n '__fish_pymalloc_seen_command analyse' -l csv -d 'Print the one section that is named as CSV'
complete -c pymalloc -n '__fish_pymalloc_seen_command analyse' -l json -d 'Print all numbers as JSON'
complete -c pymalloc -n '__fish_pymalloc_seen_command analyse' -l svg -r -d 'Draw the section that is named to FILE; without --section, a page of six plots: curve, young, sizes, lifetimes, joint, classes'
complete -c pymalloc -n '__fish_pymalloc_seen_command analyse' -l theme -xa 'light dark auto' -d 'With --svg: the colours'
complete -c pymalloc -n '__fish_pymalloc_seen_command analyse' -l scale -r -d 'With --svg: the factor of the size in which the picture is shown, from 0.1 to 20'
complete -c pymalloc -n '__fish_pymalloc_seen_command analyse' -l title -r -d 'With --svg: the title'
complete -c pymalloc -n '__fish_pymalloc_seen_command analyse' -l young -r -d 'A block counts as young if it is freed within fewer than N requests'
complete -c pymalloc -n '__fish_pymalloc_seen_command analyse' -l points -r -d 'The largest number of points of the curve of live bytes'
complete -c pymalloc -n '__fish_pymalloc_seen_command analyse' -l by -xa 'site stack line function file' -d 'How the sites are grouped'
complete -c pymalloc -n '__fish_pymalloc_seen_command analyse' -l top -r -d 'The largest number of rows of phases, classes and sites'
complete -c pymalloc -n '__fish_pymalloc_seen_command analyse' -l interpreter -r -d 'The interpreter whose requests are analysed'
complete -c pymalloc -n '__fish_pymalloc_seen_command analyse' -l profile -xa '3.6 3.8 3.9 3.10 3.11 3.15-hugepages 3.10-no-radix-tree classroom' -d 'Geometry: a version of CPython, such as 3.6 or 3.12.1, or \'classroom\' (see \'pymalloc profiles\')'
complete -c pymalloc -n '__fish_pymalloc_seen_command analyse' -l alignment -r -d 'Alignment of blocks, and step between size classes: a power of two from 8 to 512'
complete -c pymalloc -n '__fish_pymalloc_seen_command analyse' -l threshold -r -d 'Largest request that pools serve: a multiple of the alignment'
complete -c pymalloc -n '__fish_pymalloc_seen_command analyse' -l pool-bytes -r -d 'Size of a pool: a power of two, at most 1M'
complete -c pymalloc -n '__fish_pymalloc_seen_command analyse' -l arena-bytes -r -d 'Size of an arena: a power of two, at most 1G'
complete -c pymalloc -n '__fish_pymalloc_seen_command analyse' -l arena-offset -r -d 'Begin each arena this many bytes after an address aligned to pools: a multiple of the alignment, less than a pool'

complete -c pymalloc -n '__fish_pymalloc_seen_command workload' -s h -l help -d 'Show this help message and exit'
complete -c pymalloc -n '__fish_pymalloc_seen_command workload' -l requests -r -d 'The number of requests'
complete -c pymalloc -n '__fish_pymalloc_seen_command workload' -l seed -r -d 'The seed'
complete -c pymalloc -n '__fish_pymalloc_seen_command workload' -l set -r -d 'Set an option of the generator, such as live=50'
complete -c pymalloc -n '__fish_pymalloc_seen_command workload' -l of -r -d 'With like: the trace that the new one is like'
complete -c pymalloc -n '__fish_pymalloc_seen_command workload' -l list -d 'Print the generators with their options'

complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -s h -l help -d 'Show this help message and exit'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l geometry -r -d 'The heap of a profile, with some fields changed'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l policy -r -d 'A simulated allocator, with policies by name'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l oracle -r -d 'A bound or placement computed from the whole trace'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l real -r -d 'Another allocator, in a process of its own'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l sweep -r -d 'All combinations of the geometries and policies with the values of a field'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l measure -r -d 'Measures, separated by commas: see below'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l sort -r -d 'Sort the rows by a measure'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l baseline -r -d 'Print ratios to this design'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l csv -d 'Print comma-separated values, in bytes'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l json -d 'Print JSON, with all measures that are known'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l markdown -d 'Print a table in Markdown'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l svg -r -d 'Save a picture'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l theme -xa 'light dark auto' -d 'With --svg: the colours'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l scale -r -d 'With --svg: the factor of the size in which the picture is shown, from 0.1 to 20'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l title -r -d 'With --svg: the title'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l plot -xa 'bars lines scatter curve heat' -d 'The picture'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l plot-trace -r -d 'The trace that the picture shows'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l jobs -r -d 'Measure in N processes'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l list -d 'Write the cells, one a line, and measure nothing'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l cell -r -d 'Measure one cell, a line of --list; - reads it'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l cells -r -d 'Take the cells from a file that --list wrote'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l shard -r -d 'Measure part I of N, and write a line for each cell'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -s o -l output -r -d 'Add the lines of --shard to FILE'
complete -c pymalloc -n '__fish_pymalloc_seen_command compare' -l merge -d 'The arguments are files of results: print their table'

complete -c pymalloc -n '__fish_pymalloc_seen_command score' -s h -l help -d 'Show this help message and exit'
complete -c pymalloc -n '__fish_pymalloc_seen_command score' -l board -r -d 'Add the score to this leaderboard, and print it'
complete -c pymalloc -n '__fish_pymalloc_seen_command score' -l name -r -d 'The name of the entry'
complete -c pymalloc -n '__fish_pymalloc_seen_command score' -l date -r -d 'The date of the entry'
complete -c pymalloc -n '__fish_pymalloc_seen_command score' -l json -d 'Print the score, or the board, as JSON'
complete -c pymalloc -n '__fish_pymalloc_seen_command score' -l csv -d 'Print the scores, or the board, as comma-separated values'

complete -c pymalloc -n '__fish_pymalloc_seen_command attach' -s h -l help -d 'Show this help message and exit'
complete -c pymalloc -n '__fish_pymalloc_seen_command attach' -l interpreter -r -d 'Read interpreter N; the main one is 0'
complete -c pymalloc -n '__fish_pymalloc_seen_command attach' -l map -d 'Draw the arenas with their pools'
complete -c pymalloc -n '__fish_pymalloc_seen_command attach' -l pins -d 'List the arenas that the fewest live blocks pin'
complete -c pymalloc -n '__fish_pymalloc_seen_command attach' -l stats -d 'Print the report of sys._debugmallocstats()'
complete -c pymalloc -n '__fish_pymalloc_seen_command attach' -l check -d 'Check the invariants; exit with 1 if one is broken'
complete -c pymalloc -n '__fish_pymalloc_seen_command attach' -l since -r -d 'Print what changed since a saved snapshot'
complete -c pymalloc -n '__fish_pymalloc_seen_command attach' -l json -d 'Print the snapshot as JSON, and nothing else'
complete -c pymalloc -n '__fish_pymalloc_seen_command attach' -l save -r -d 'Save the snapshot as JSON'
complete -c pymalloc -n '__fish_pymalloc_seen_command attach' -l svg -r -d 'Save a picture of all arenas; with --since, of what changed'
complete -c pymalloc -n '__fish_pymalloc_seen_command attach' -l theme -xa 'light dark auto' -d 'With --svg: the colours'
complete -c pymalloc -n '__fish_pymalloc_seen_command attach' -l scale -r -d 'With --svg: the factor of the size in which the picture is shown, from 0.1 to 20'
complete -c pymalloc -n '__fish_pymalloc_seen_command attach' -l title -r -d 'With --svg: the title'
complete -c pymalloc -n '__fish_pymalloc_seen_command attach' -l columns -r -d 'With --svg: the number of pools in a row, from 1 to 256'
complete -c pymalloc -n '__fish_pymalloc_seen_command attach' -l highlight -r -d 'With --svg: frame this arena, pool or block, such as 0, 0:4096 or 0:4096:48'

complete -c pymalloc -n '__fish_pymalloc_seen_command report' -s h -l help -d 'Show this help message and exit'
complete -c pymalloc -n '__fish_pymalloc_seen_command report' -l number -r -d 'The number of the report in each file'
complete -c pymalloc -n '__fish_pymalloc_seen_command report' -l json -d 'Print the numbers as JSON'

complete -c pymalloc -n '__fish_pymalloc_seen_command traces' -s h -l help -d 'Show this help message and exit'

complete -c pymalloc -n '__fish_pymalloc_seen_command profiles' -s h -l help -d 'Show this help message and exit'

complete -c pymalloc -n '__fish_pymalloc_seen_command classes' -s h -l help -d 'Show this help message and exit'
complete -c pymalloc -n '__fish_pymalloc_seen_command classes' -l best -r -d 'Print the best classes for a trace, at most COUNT'
complete -c pymalloc -n '__fish_pymalloc_seen_command classes' -l weight -xa 'requests peak' -d 'The blocks whose waste is counted: those of all requests, or those that are live when the most bytes are live'
complete -c pymalloc -n '__fish_pymalloc_seen_command classes' -l json -d 'Print the best classes as JSON'
complete -c pymalloc -n '__fish_pymalloc_seen_command classes' -l profile -xa '3.6 3.8 3.9 3.10 3.11 3.15-hugepages 3.10-no-radix-tree classroom' -d 'Geometry: a version of CPython, such as 3.6 or 3.12.1, or \'classroom\' (see \'pymalloc profiles\')'
complete -c pymalloc -n '__fish_pymalloc_seen_command classes' -l alignment -r -d 'Alignment of blocks, and step between size classes: a power of two from 8 to 512'
complete -c pymalloc -n '__fish_pymalloc_seen_command classes' -l threshold -r -d 'Largest request that pools serve: a multiple of the alignment'
complete -c pymalloc -n '__fish_pymalloc_seen_command classes' -l pool-bytes -r -d 'Size of a pool: a power of two, at most 1M'
complete -c pymalloc -n '__fish_pymalloc_seen_command classes' -l arena-bytes -r -d 'Size of an arena: a power of two, at most 1G'
complete -c pymalloc -n '__fish_pymalloc_seen_command classes' -l arena-offset -r -d 'Begin each arena this many bytes after an address aligned to pools: a multiple of the alignment, less than a pool'

complete -c pymalloc -n '__fish_pymalloc_seen_command lesson' -s h -l help -d 'Show this help message and exit'
complete -c pymalloc -n '__fish_pymalloc_seen_command lesson' -l again -d 'Start the lesson from its beginning, not where you stopped'
complete -c pymalloc -n '__fish_pymalloc_seen_command lesson' -l check -d 'Check the lesson\'s file, and do not play it'
complete -c pymalloc -n '__fish_pymalloc_seen_command lesson' -l grade -r -d 'Grade these answers to the lesson\'s exercise, and print a table'
complete -c pymalloc -n '__fish_pymalloc_seen_command lesson' -l json -d 'Print the table of --grade as JSON'
complete -c pymalloc -n '__fish_pymalloc_seen_command lesson' -l csv -d 'Print the table of --grade as comma-separated values'
