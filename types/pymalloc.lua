---@meta pymalloc

-- Types for editors. Made by script/reference; never run.

---A view of a slot of the arenas vector, read at each access.
---What means nothing in a state is nil: of a closed slot all but the first
---three and the next unused slot; of a full arena the links.
---@class pymalloc.Arena
---@field index integer the slot, from 0 on
---@field state string "closed" (no arena), "usable" (a pool is free), "full"
---@field address integer of the arena; 0: closed
---@field pool_address integer of the next pool that was never carved
---@field nfreepools integer pools that are free or were never carved
---@field ntotalpools integer all of its pools
---@field freepools integer address of the free pool given back last
---@field nextarena integer slot of the next usable, or unused, one
---@field prevarena integer slot of the usable one before
---@field serial integer the how-manieth arena of the heap it is
local Arena = {}

---Numbers of one type, in a block of a heap. b[i] and b[i] = v
---for i from 1 to #b; an index or a value that does not fit is an error, and
---b[#b + 1] reads nil, so that ipairs ends. Garbage, closed (<close>) or freed,
---it gives its block back.
---@class pymalloc.Buffer
---@field type string i8 u8 i16 u16 i32 u32 i64 u64 f32 f64; u64 holds the 64 bits of a Lua integer
---@field [integer] number
---@operator len: integer
local Buffer = {}

---What two snapshots differ in; tostring draws it. A change is a
---table of field, old and new.
---@class pymalloc.Diff
---@field globals table[] changes
---@field arenas table new, gone, and changed, each with its changes
---@field pools table the same
---@field blocks table allocated and freed, each { arena =, pool =, block =, size = }

---One thing a heap did, in one request; tostring tells it in a
---line. The fields that its changes tell of are all of the allocator's state.
---@class pymalloc.Event
---@field request integer the how-manieth request it belongs to
---@field index integer its place among the events of this request
---@field kind string its name
---@field operation string "malloc", "calloc", "realloc", "free"
---@field bytes integer that were asked for
---@field about string what it is about: "heap", "arena", "class", "pool", "block"
---@field arena integer slot of it; where it is about one
---@field pool integer offset of it in its arena
---@field block integer offset of it in its pool
---@field class integer size class
---@field changes table[] of, and what names it, as here; field, old, new

---What an experiment measured; tostring is a table of text.
---@class pymalloc.Experiment
---@field measures string[] their names, in order
---@field rows table[] for each trace and geometry: trace and geometry, their names, and by the name of each measure, its value
local Experiment = {}

---The numbers that tell one CPython version from another.
---@class pymalloc.Geometry
---@field profile string name of the profile; of a heap's geometry
---@field name string the same; of what pymalloc.profiles gives
---@field cpython string versions that have it; of these too
---@field alignment integer bytes between size classes
---@field threshold integer the largest request that pools serve
---@field pool_bytes integer
---@field arena_bytes integer
---@field arena_offset integer bytes by which arenas miss the pool alignment
---@field address_bits integer that CPython's arena map covers; 0: it has none
---@field release string "at_once", "keep_last", "never": when free arenas go
---@field class_count integer
---@field pools_per_arena integer
---@field header_bytes integer before the first block of a pool

---An allocator of its own. It belongs to one thread at a time.
---Closed, or garbage, it takes its blocks with it.
---@class pymalloc.Heap
---@field geometry pymalloc.Geometry read-only
local Heap = {}

---What pymalloc.heap may be told; nothing is needed. The
---geometry is that of the profile, with single numbers of it exchanged.
---@class pymalloc.Options
---@field profile? string "3.6" unless told; see pymalloc.profiles
---@field alignment? integer bytes between size classes
---@field threshold? integer the largest request that pools serve
---@field pool_bytes? integer a power of two
---@field arena_bytes? integer a power of two
---@field arena_offset? integer bytes by which arenas miss the alignment
---@field address_bits? integer that CPython's arena map covers
---@field release? string "at_once", "keep_last" or "never"
---@field max_arenas? integer most arenas at once
---@field max_bytes? integer most bytes from raw and pages
---@field reserve_bytes? integer addresses to set aside
---@field retain_bytes? integer of released arenas that stay committed
---@field cache_bytes? integer free bytes a class may keep in front of the exact heap
---@field cache_blocks? integer and free blocks
---@field count_hops? boolean walk usable_arenas as 3.6 did, and count
---@field checked? boolean validate each request and each link
---@field debug? boolean|string debug hooks; "3.6" or "3.8": whose bytes
---@field quarantine? integer freed blocks that debug hooks hold back
---@field check_every? integer requests; on checked heaps

---Where something lies in a heap.
---@class pymalloc.Place
---@field arena integer slot
---@field pool integer bytes from the arena's first pool
---@field offset integer bytes from the pool's start

---A view of a pool's header, read at each access; the addresses
---are what they are, stale ones too. Once its arena is released, each is an
---error.
---@class pymalloc.Pool
---@field ref_count integer live blocks
---@field freeblock integer address of the first free block
---@field nextpool integer address of the next pool of its ring or list
---@field prevpool integer address of the one before
---@field arenaindex integer slot of its arena
---@field szidx integer size class
---@field nextoffset integer offset of the first block that was never used
---@field maxnextoffset integer the last offset at which a block fits
---@field state string "used", "full", "empty"
---@field size? integer bytes of a block; nil for a pool without a class
---@field capacity? integer blocks that it can hold; nil as well
---@field arena integer slot of its arena, by where it lies
---@field offset integer bytes from its arena's first pool
---@field address integer
local Pool = {}

---What a replay may be told.
---@class pymalloc.ReplayOptions
---@field heap? pymalloc.Options
---@field placements? boolean write where each request ended up
---@field dump_every? integer write the state after so many requests
---@field dump? boolean write the state at the end
---@field stats? boolean write the report at the end
---@field arena_map? boolean false leaves the arena map out of reports
---@field output? function|table|userdata a function of a string, or something with a method write, as a file has
---@field progress? function of the requests done, each 100,000; false ends the replay

---A trace that can be moved to any of its requests, both ways.
---It ends with its variable (<close>), at close(), or when it is garbage.
---@class pymalloc.Run
---@field op integer requests done
---@field length integer all of them
---@field heap pymalloc.Heap at this time; to be looked at, not to be used
local Run = {}

---The state of a heap as plain data.
---@class pymalloc.Snapshot
---@field format integer 1
---@field profile string
---@field geometry table as heap.geometry
---@field globals table some of pymalloc.Stats
---@field arenas table[] live ones: the fields of pymalloc.Arena, freepools as offsets, and pools with the fields of pymalloc.Pool and free, the offsets of the free chain
---@field usable_arenas integer[]
---@field unused_arena_objects integer[]
---@field usedpools table[] for each class in use: szidx, and pools: arena, offset

---What a walk counts.
---@class pymalloc.Stats
---@field arenas_allocated_total integer ever obtained
---@field arenas_reclaimed integer ever released
---@field arenas_highwater integer most at once
---@field arenas_current integer
---@field arena_slots integer length of the arenas vector
---@field blocks integer live ones, raw ones too
---@field raw_blocks integer live ones that raw serves
---@field allocated_bytes integer of arenas: in live blocks
---@field available_bytes integer in free and virgin blocks of pools in use
---@field unused_pool_bytes integer in pools that are empty or not carved
---@field header_bytes integer in headers of pools in use
---@field quantization_bytes integer behind the last block of pools in use
---@field alignment_bytes integer before the first pool of arenas
---@field arena_bytes integer the sum of these six
---@field unused_pools integer
---@field held_blocks integer freed ones in quarantine, counted as live
---@field retained_bytes integer of released arenas that are still committed
---@field reserved_bytes integer addresses set aside
---@field cached_blocks integer free ones that the cache keeps
---@field cached_bytes integer
---@field hops integer along usable_arenas, as 3.6 would; with count_hops
---@field map_mid_nodes integer of the arena map that CPython would have
---@field map_bot_nodes integer
---@field fragmentation table shares of arena_bytes, from 0 to 1: available, unused_pool, header, quantization, alignment
---@field classes table[] for each: szidx, size, pools, live, available

---A listener of a heap.
---@class pymalloc.Subscription
local Subscription = {}

---What became of the requests of a trace.
---@class pymalloc.Summary
---@field requests integer all of them
---@field mallocs integer
---@field callocs integer
---@field reallocs integer
---@field frees integer
---@field small integer served by pools
---@field raw integer served by raw
---@field refused integer
---@field malloc_bytes integer asked for
---@field calloc_bytes integer
---@field realloc_bytes integer
---@field realloc_in_place integer
---@field realloc_moved integer
---@field realloc_raw integer of a raw block
---@field realloc_fresh integer of an id that was not live
---@field free_nothing integer of an id that was not live
---@field live_blocks integer at the end
---@field live_bytes integer
---@field live_small_bytes integer in pools
---@field peak_live_blocks integer
---@field peak_live_bytes integer
---@field peak_live_small_bytes integer
---@field stopped boolean by the progress function
---@field heap table at the end: fields of pymalloc.Stats

---A list of requests, as text.
---@class pymalloc.Trace
---@field text string one request a line: a ID SIZE, c ID COUNT SIZE, r ID SIZE, f ID
---@field name string where it comes from, for messages
---@field requests? integer nil where nobody has counted them

---The carved pool at a distance from the arena's first.
---@param offset integer bytes, a multiple of the pools' size
---@return pymalloc.Pool # a pool that is not carved is an error
function Arena:pool(offset) end

---Each carved pool, by address, for a loop.
---@return function
---@return pymalloc.Arena
function Arena:pools() end

---Where the first element is in memory.
---@return integer
function Buffer:address() end

---Copies all elements of a buffer of the same type; the
---two may overlap.
---@param source pymalloc.Buffer
---@param at? integer index in b of the first of them; 1 unless told
---@return pymalloc.Buffer # b itself
function Buffer:copy(source, at) end

---Sets every element.
---@param value number
---@return pymalloc.Buffer # b itself
function Buffer:fill(value) end

---Gives the block back. Every later use of the buffer is an error, a
---second free too; and so is every use of its slices.
function Buffer:free() end

---Each index and element, for a loop; pairs(b) does the same.
---@return function
---@return pymalloc.Buffer
---@return integer
function Buffer:iter() end

---Where the block is in its heap.
---@return pymalloc.Place|nil # or nil for a raw block
function Buffer:location() end

---The pool that the block is in.
---@return pymalloc.Pool|nil # or nil for a raw block
function Buffer:pool() end

---Changes the number of elements, as realloc does; new ones
---are zero.
---@param count integer
---@return pymalloc.Buffer|nil # b itself; or nil, a message and "ENOMEM", and b is as it was
function Buffer:resize(count) end

---Some elements, seen as a buffer of their own, which
---keeps b alive. There is none where last is first - 1.
---@param first integer
---@param last? integer #b unless told
---@return pymalloc.Buffer # it has no block of its own, and cannot be freed
function Buffer:slice(first, last) end

---The bytes of all elements, in the machine's order.
---@return string
function Buffer:string() end

---The elements as a table.
---@return table
function Buffer:totable() end

---The rows as comma-separated values, with a line of titles.
---@return string
function Experiment:csv() end

---Lets so many more arenas be obtained, and then
---none, as if the system had no memory; without a count, any.
---@param count? integer
function Heap:allow_arenas(count) end

---A slot of the arenas vector, with or without an arena.
---@param slot integer from 0 on
---@return pymalloc.Arena
function Heap:arena(slot) end

---Each live arena, by slot, for a loop.
---@return function
---@return pymalloc.Heap
function Heap:arenas() end

---A buffer of numbers of one type.
---@param type string i8 u8 i16 u16 i32 u32 i64 u64 f32 f64
---@param contents integer|table|string how many, all zero; or the elements; or the bytes, as b:string() gives them
---@return pymalloc.Buffer|nil # or nil, a message and "ENOMEM"
function Heap:buffer(type, contents) end

---Many buffers at once, of zeros; faster than one
---by one.
---@param type string as of heap:buffer
---@param n integer elements of each
---@param count integer how many
---@return pymalloc.Buffer[]|nil # or nil, a message and "ENOMEM": then there is none
function Heap:buffers(type, n, count) end

---A buffer of count * size bytes, all zero.
---@param count integer
---@param size integer
---@return pymalloc.Buffer|nil # of u8; or nil, a message and "ENOMEM"
function Heap:calloc(count, size) end

---Checks every invariant. A broken one is an error, with its name
---and where it is.
---@return boolean # true
function Heap:check() end

---Ends the heap: every block is gone, and every use of its
---buffers and views is an error. A damage that debug hooks find only now is
---raised.
function Heap:close() end

---The report of sys._debugmallocstats(), byte
---for byte as CPython of this geometry prints it.
---@param options? table arena_map = false leaves the arena map of 3.10 and later out
---@return string
function Heap:debugmallocstats(options) end

---What a checked heap knows of an address, in lines.
---@param address integer
---@return string
function Heap:describe(address) end

---The whole state as text, with no address in it: equal states
---have equal dumps.
---@return string
function Heap:dump() end

---Gives a buffer's block back; b:free() does the same.
---@param buffer pymalloc.Buffer of this heap
function Heap:free(buffer) end

---The state as a number in hexadecimal: equal states have equal ones.
---@return string # 16 digits
function Heap:hash() end

---Keeps the last events, without a listener too; a watched heap keeps 256.
---@param count integer how many; 0: none
function Heap:keep_events(count) end

---The last events of a heap that is watched, the oldest first.
---@param count? integer how many at most; all that are kept unless told
---@return pymalloc.Event[]
function Heap:last_events(count) end

---Where an address lies in the heap.
---@param address integer
---@return pymalloc.Place|nil # or nil where it is in no carved pool
function Heap:locate(address) end

---How many events there were no room for, since the heap is watched.
---@return integer
function Heap:lost_events() end

---A buffer of u8, whose bytes are whatever was there.
---@param size integer bytes; 0 and more than the threshold go to raw
---@return pymalloc.Buffer|nil # or nil, a message and "ENOMEM"
function Heap:malloc(size) end

---Calls a function with each event of the heap, once its request is over. An
---error in it comes out of the method that made the request, which is done.
---@param listener function
---@param filter? table kind = a name or names of events, class = a size class or several, details = true for the details too
---@return pymalloc.Subscription
function Heap:on(listener, filter) end

---Bytes of the heap's own arenas, free blocks and
---headers included. Anything else is an error.
---@param address integer
---@param count integer
---@return string
function Heap:peek(address, count) end

---The live blocks that keep an arena from being released, by address.
---@param arena pymalloc.Arena|integer a view of it, or its slot
---@return pymalloc.Place[] # each with its size
function Heap:pinned_by(arena) end

---Writes into the heap's memory, behind its back,
---for experiments with damage. Only on a heap that is checked, and only inside
---one live arena of it.
---@param address integer
---@param bytes string
function Heap:poke(address, bytes) end

---Resizes a buffer's block; new bytes are whatever
---was there.
---@param buffer pymalloc.Buffer of this heap
---@param size integer bytes, a multiple of those of an element
---@return pymalloc.Buffer|nil # the same; or nil, a message and "ENOMEM"
function Heap:realloc(buffer, size) end

---Arenas by how many live blocks keep them, the fewest first.
---@return table[] # arena = slot, blocks = how many, bytes = of them, pinned = what heap:pinned_by gives
function Heap:release_candidates() end

---The class that serves a request.
---@param size integer bytes
---@return integer|nil # szidx, from 0 on; nil where the request goes to raw
---@return integer # size of the blocks of this class
function Heap:size_class(size) end

---The whole state of the heap as plain data, as it is at one moment.
---@return pymalloc.Snapshot
function Heap:snapshot() end

---Everything the report prints, as numbers, and more; counted by
---a walk.
---@return pymalloc.Stats
function Heap:stats() end

---Gives the pages of released arenas, which are kept for the next
---ones, to the system.
---@return integer # bytes that went back
function Heap:trim() end

---The slots without an arena, the next one to be
---taken first.
---@return pymalloc.Arena[]
function Heap:unused_arena_objects() end

---The arenas that have a free pool, the fullest first.
---@return pymalloc.Arena[]
function Heap:usable_arenas() end

---The used pools of a class, the next to serve first.
---@param szidx integer
---@return pymalloc.Pool[]
function Heap:usedpools(szidx) end

---For each block, by address, "live", "free" or "virgin"; or
---"cached", where the heap's cache keeps it: live to the pool, but nobody's.
---@return string[]
function Pool:blocks() end

---The offsets of the free blocks, in the chain's order.
---@return integer[]
function Pool:freelist() end

---The next pool in usedpools, or in its arena's freepools.
---@return pymalloc.Pool|nil # or nil at the end, and for a full pool
function Pool:next() end

---The pool before it in usedpools.
---@return pymalloc.Pool|nil # or nil at the front, and for a pool that is not used
function Pool:prev() end

---Takes requests back, at most to the beginning.
---@param count? integer 1 unless told
---@return integer # how many were taken back
function Run:back(count) end

---The live block of an id.
---@param id integer
---@return table|nil # id, size, request; and where it is small arena, pool, block, address; nil where the id is not live
function Run:block(id) end

---Ends the run, and its heap.
function Run:close() end

---Goes on to the next request that has such an event, or for which a function
---of the run says true.
---@param condition string|string[]|table|function names of events; kind = such a name or names, class = a size class; or the function
---@return integer|nil # the request; nil where there is none: it is then at the end, or, with a message, in front of a request that cannot be run
function Run:continue(condition) end

---The events of the request just done.
---@param with_details? boolean also what was forgotten, which may be thousands
---@return pymalloc.Event[]
function Run:events(with_details) end

---The largest small request that would be served without a new arena.
---@return integer # bytes; 0 where there is none
function Run:largest_without_arena() end

---The last event, up to now, that wrote a field.
---@param view pymalloc.Heap|pymalloc.Arena|pymalloc.Pool of run.heap
---@param field string its name
---@return pymalloc.Event|nil # or nil where there was none
function Run:last_write(view, field) end

---A request of the trace.
---@param number? integer the one just done, unless told
---@return table|nil # number, op ("malloc", "calloc", "realloc", "free"), id, size; nil at the beginning
function Run:request(number) end

---The same backwards, from the request before this one.
---@param condition string|string[]|table|function as for continue
---@return integer|nil # the request; nil where there is none: it is then at 0
function Run:reverse(condition) end

---Moves to the state after a request, forwards or backwards.
---@param op integer from 0, the beginning, to run.length
---@return pymalloc.Run|nil # itself; or nil and why a request cannot be run
function Run:seek(op) end

---Does the next requests, at most to the end.
---@param count? integer 1 unless told
---@return integer|nil # how many were done; or nil and why one cannot be
function Run:step(count) end

---The events that a free of an id's block would cause now; nothing is done.
---@param id integer
---@param with_details? boolean
---@return pymalloc.Event[]|nil # or nil and why there is none
function Run:what_if_free(id, with_details) end

---Which live block holds an address?
---@param address integer
---@return table|nil # as run:block gives it; or nil
function Run:where(address) end

---Stops the listener, from inside of it too. Twice is once.
function Subscription:remove() end

---@class pymalloc
---@field _VERSION string
local pymalloc = {}

pymalloc.trace = {}

pymalloc.view = {}

---Every size class of a geometry.
---@param geometry string|pymalloc.Options a profile's name, or options
---@return table[] # szidx, size, capacity (blocks in a pool), waste (bytes of a pool that are neither header nor block)
function pymalloc.class_table(geometry) end

---What changed from one snapshot to another.
---@param old pymalloc.Snapshot or one that JSON has kept
---@param new pymalloc.Snapshot
---@return pymalloc.Diff
function pymalloc.diff(old, new) end

---Replays each trace on a heap of each geometry.
---@param plan table traces = paths or traces; geometries = names of profiles, or options with a name; measure = what is measured: by default arenas at the most, obtained and given back, and the utilisation
---@return pymalloc.Experiment|nil # or nil and why a trace cannot be run
function pymalloc.experiment(plan) end

---A new heap; without options as CPython 3.6 has it.
---@param options? pymalloc.Options an unknown name, or a geometry that cannot be, is an error that says what is allowed
---@return pymalloc.Heap|nil # it ends with its variable (<close>), at close(), or when it is garbage; or nil, a message and "ENOMEM"
function pymalloc.heap(options) end

---From here on this Lua state lives on a heap: what
---it allocates comes from there, what it had goes back to where it came from.
---The heap closes with the state, not before. A state that is hosted already
---is an error, as is a call inside of pymalloc.trace.record.
---@param options? pymalloc.Options the defaults are those of a host: profile "3.11", a cache, and arenas that stay for the next use
---@return pymalloc.Heap|nil # or nil, a message and "ENOMEM"
function pymalloc.host(options) end

---The heap that this Lua state lives on.
---@return pymalloc.Heap|nil # or nil
function pymalloc.hosting() end

---The geometries that have a name, the default one first.
---@return pymalloc.Geometry[] # with name and cpython, the versions that have it
function pymalloc.profiles() end

---A run of a trace, at its beginning.
---@param trace string|pymalloc.Trace a path, or what pymalloc.trace gives
---@param options? pymalloc.Options without checked, debug and a cache
---@return pymalloc.Run|nil # or nil, a message and "trace" where it cannot be read
function pymalloc.replay(trace, options) end

---The same from a file; .gz, .xz and .zst are unpacked, "-" is standard input.
---@param path string
---@param options? table those of parse, without the name
---@return pymalloc.Trace|nil # or nil and why not
---@return table # what parse says about it
function pymalloc.trace.load(path, options) end

---A trace from its text, of any format that can be imported: ours, malloclab's,
---mtrace, valgrind --trace-malloc=yes, ltrace.
---@param text string
---@param options? table format = its name, else it is recognised; lenient = true takes what was read before a line that is wrong; name = for messages; progress = a function that is told the number of lines read, now and then
---@return pymalloc.Trace|nil # or nil and why not
---@return table # format, requests, unknown_frees (of blocks never seen), reused (blocks that ended unseen: their address was given out again), others (requests of other processes, left out), problem (with lenient)
function pymalloc.trace.parse(text, options) end

---What Lua itself allocates while a function runs. Its allocator is put back
---when the function ends, also by an error, which is raised again.
---@param f function
---@param ... any its arguments
---@return pymalloc.Trace
---@return any # what the function returned
function pymalloc.trace.record(f, ...) end

---Runs the requests of a trace on a heap
---of its own.
---@param path string .gz, .xz and .zst are unpacked; - is standard input
---@param options? pymalloc.ReplayOptions
---@return pymalloc.Summary|nil # or nil, a message, and "trace" (it is bad), "check" (a k line found a broken invariant), "write" (the output failed) or "ENOMEM"
function pymalloc.trace.replay_file(path, options) end

---The same for the text of a trace.
---@param text string
---@param options? pymalloc.ReplayOptions
---@return pymalloc.Summary|nil # or nil, a message and a kind, as replay_file
function pymalloc.trace.replay_text(text, options) end

---Writes a trace to a file; .gz, .xz and .zst are packed, "-" is standard output.
---@param trace pymalloc.Trace
---@param path string
---@return boolean|nil # true; or nil and why not
function pymalloc.trace.save(trace, path) end

---The same as SVG, for pages: a heap, an arena or a run as rows of pools; a pool,
---or the pool of a buffer, as blocks, the free ones numbered in the order of the chain.
---@param x any
---@param options? table width, 300 or more; 800 unless told
---@return string
function pymalloc.view.svg(x, options) end

---A picture of a heap, an arena, a pool, a buffer's block, a diff, or a run
---where it stands.
---@param x any
---@param options? table width (60 or more; 80), ascii (signs of ASCII alone; unless told, where the locale is not UTF-8), colour (unless told, on a terminal and without NO_COLOR), block (of a pool: draw the block at this offset)
---@return string # without a newline at its end
function pymalloc.view.text(x, options) end

return pymalloc
