---@meta pymalloc

-- Types for editors. Made by script/reference; never run.

---A view of a slot of the arenas vector. Each access reads the
---heap's memory. A field that has no meaning in the slot's state is nil: a
---closed slot has only index, state, address and nextarena; a full arena has
---no nextarena and no prevarena.
---@class pymalloc.Arena
---@field index integer slot, counted from 0
---@field state string "closed" (no arena), "usable" (it has a free pool), "full"
---@field address integer of the arena; 0 for a closed slot
---@field pool_address integer address of the next pool that was never carved
---@field nfreepools integer number of pools that are free or were never carved
---@field ntotalpools integer number of its pools
---@field freepools integer address of the free pool that was given back last
---@field nextarena integer slot of the next usable arena; of a closed slot, of the next unused one
---@field prevarena integer slot of the previous usable arena
---@field serial integer ordinal: 1 for the heap's first arena
local Arena = {}

---Numbers of one type, in a block of a heap. b[i] reads and
---b[i] = v writes element i, from 1 to #b. b[#b + 1] reads nil, so that ipairs
---ends; any other index out of range, and a value that the type cannot hold,
---raises an error. The block is freed by b:free(), at the end of a variable
---with `<close>`, or when the buffer is garbage.
---@class pymalloc.Buffer
---@field type string i8 u8 i16 u16 i32 u32 i64 u64 f32 f64; a u64 is read and written as the Lua integer with the same 64 bits
---@field [integer] number
---@operator len: integer
local Buffer = {}

---What heap:stats() counts in the pools of one size class;
---tostring gives one line.
---@class pymalloc.ClassStats
---@field szidx integer index of the class, from 0
---@field size integer bytes of a block
---@field pools integer pools in use
---@field live integer live blocks
---@field available integer free and virgin blocks

---The differences between two snapshots; tostring draws them. Each change
---is a table with the fields field, old and new.
---@class pymalloc.Diff
---@field globals table[] changes of the heap's own fields
---@field arenas table the arrays new, gone, and changed (each with its changes)
---@field pools table the arrays new, gone, and changed (each with its changes)
---@field blocks table the arrays allocated and freed, of { arena =, pool =, block =, size = }

---One step of a heap inside one request. The changes of all events
---together cover the whole state of the allocator.
---@class pymalloc.Event
---@field request integer number of the request
---@field index integer number of the event among those of the request
---@field kind string name of the kind
---@field operation string the request: "malloc", "calloc", "realloc", "free"
---@field bytes integer requested
---@field about string the record that the event is about: "heap", "arena", "class", "pool", "block"
---@field arena integer slot of the arena; of an event about an arena, pool or block
---@field pool integer offset of the pool in its arena
---@field block integer offset of the block in its pool
---@field class integer size class
---@field changes table[] for each: of (the kind of record), the fields that identify it, as here, and field, old, new

---The results of an experiment; tostring writes them as a table.
---@class pymalloc.Experiment
---@field measures string[] names of the measures, in order
---@field rows table[] one for each trace and geometry: the fields trace and geometry are their names; each measure's value is in the field of its name
local Experiment = {}

---The sizes and rules in which versions of CPython differ.
---Read from a heap (heap.geometry) it has the field profile; from
---pymalloc.profiles(), name and cpython.
---@class pymalloc.Geometry
---@field profile string name of the profile
---@field name string name of the profile
---@field cpython string the versions of CPython that have it
---@field alignment integer of blocks, in bytes; block sizes of neighbouring classes differ by it
---@field threshold integer largest request that pools serve, in bytes
---@field pool_bytes integer size of a pool
---@field arena_bytes integer size of an arena
---@field arena_offset integer distance in bytes of an arena's start from the pool alignment
---@field address_bits integer bits of an address that CPython's arena map covers; 0 where it has no map
---@field release string when an arena without live blocks is released: "at_once", "keep_last" (not if it is the last usable one), "never"
---@field class_count integer number of size classes
---@field pools_per_arena integer
---@field header_bytes integer size of a pool header, in front of the first block

---An allocator with its own state. One thread at a time may use
---it. When it is closed or garbage, all of its blocks are freed.
---@class pymalloc.Heap
---@field geometry pymalloc.Geometry read-only
local Heap = {}

---The options of a heap. Each may be left out. A field of
---the geometry replaces that of the profile.
---@class pymalloc.Options
---@field profile? string name of a profile, or a version of CPython; default "3.6"; see pymalloc.profiles
---@field alignment? integer of blocks, in bytes; block sizes of neighbouring classes differ by it
---@field threshold? integer largest request that pools serve, in bytes
---@field pool_bytes? integer size of a pool, a power of two
---@field arena_bytes? integer size of an arena, a power of two
---@field arena_offset? integer distance in bytes of an arena's start from the pool alignment
---@field address_bits? integer bits of an address that CPython's arena map covers
---@field release? string when an arena without live blocks is released: "at_once", "keep_last" (not if it is the last usable one), "never"
---@field max_arenas? integer limit on arenas at one time; default none
---@field max_bytes? integer limit on bytes obtained from raw and from the system's pages; default none
---@field reserve_bytes? integer addresses to reserve for arenas; default 64 GiB; halved until the system grants it
---@field retain_bytes? integer bytes of released arenas that stay committed; default 4 MiB
---@field cache_bytes? integer bytes of free blocks that the cache keeps for each size class; default 0
---@field cache_blocks? integer number of free blocks that the cache keeps for each size class; default 0; with both 0 there is no cache
---@field count_hops? boolean walk the list of usable arenas as CPython 3.6 and 3.7 do, and count the steps
---@field checked? boolean validate each request, and each link before it is followed
---@field debug? boolean|string CPython's debug hooks, with the guard bytes of the profile (true), of "3.6" or of "3.8"
---@field quarantine? integer number of freed blocks that debug hooks keep back; default 256
---@field check_every? integer check all invariants after so many requests; only on checked heaps; 0, the default, is never

---Where a block or a pool lies in a heap. The text `0:4096:48`
---in pictures is arena 0, pool 4096, offset 48.
---@class pymalloc.Place
---@field arena integer slot of the arena in the arenas vector
---@field pool integer bytes from the arena's first pool to the pool
---@field offset integer bytes from the start of the pool

---A view of a pool's header. Each access reads the heap's
---memory. The addresses are shown as they are stored, also those that the
---pool's state leaves stale. When the pool's arena has been released, any
---access raises an error.
---@class pymalloc.Pool
---@field ref_count integer number of live blocks
---@field freeblock integer address of the first free block
---@field nextpool integer address of the next pool of its ring or list
---@field prevpool integer address of the previous pool of its ring
---@field arenaindex integer slot of its arena
---@field szidx integer size class
---@field nextoffset integer offset of the first block that was never carved
---@field maxnextoffset integer largest offset at which a block fits
---@field state string "used", "full", "empty"
---@field size? integer bytes of a block; nil for a pool that never had a class
---@field capacity? integer number of blocks that fit; nil for a pool that never had a class
---@field arena integer slot of its arena, computed from its address
---@field offset integer bytes from its arena's first pool
---@field address integer
local Pool = {}

---The options of a replay.
---@class pymalloc.ReplayOptions
---@field heap? pymalloc.Options
---@field placements? boolean write the place of each request's block
---@field dump_every? integer write the state after so many requests, each time
---@field dump? boolean write the state at the end
---@field stats? boolean write the report at the end
---@field arena_map? boolean false leaves the arena map out of reports
---@field output? function|table|userdata where the text goes: a function that is called with strings, or an object with a method write, as files have
---@field progress? function called after each 100,000 requests with the number of requests done; if it returns false the replay ends

---A trace on a heap. It is closed by run:close(), at the end of a variable
---with `<close>`, or when it is garbage.
---@class pymalloc.Run
---@field op integer number of requests done
---@field length integer number of requests of the trace
---@field heap pymalloc.Heap the heap after request op; it can be read, not used or changed
local Run = {}

---A size class of a geometry; tostring gives one line.
---@class pymalloc.SizeClass
---@field szidx integer index of the class, from 0
---@field size integer bytes of a block
---@field capacity integer blocks in a pool
---@field waste integer bytes of a pool that are neither header nor block

---The state of a heap as plain data.
---@class pymalloc.Snapshot
---@field format integer version of the format: 1
---@field profile string name of the profile
---@field geometry table the fields of heap.geometry
---@field globals table some fields of pymalloc.Stats
---@field arenas table[] the live ones, with fields of pymalloc.Arena; freepools are offsets; pools have fields of pymalloc.Pool, and in free the offsets of the free chain
---@field usable_arenas integer[] slots, in list order
---@field unused_arena_objects integer[] slots, in list order
---@field usedpools table[] for each class that has used pools: szidx, and pools, each with arena and offset

---Statistics of a heap.
---@class pymalloc.Stats
---@field arenas_allocated_total integer arenas ever obtained
---@field arenas_reclaimed integer arenas ever released
---@field arenas_highwater integer most arenas at one time
---@field arenas_current integer live arenas
---@field arena_slots integer length of the arenas vector
---@field blocks integer live blocks, also raw ones
---@field raw_blocks integer live blocks that raw serves
---@field allocated_bytes integer bytes of arenas in live blocks
---@field available_bytes integer bytes in free and virgin blocks of pools in use
---@field unused_pool_bytes integer bytes of pools that are empty or not carved
---@field header_bytes integer bytes of headers of pools in use
---@field quantization_bytes integer bytes behind the last block of pools in use
---@field alignment_bytes integer bytes before the first pool of each arena
---@field arena_bytes integer size of all live arenas, the sum of the six fields before it
---@field unused_pools integer pools that are empty or not carved
---@field held_blocks integer freed blocks in quarantine, which count as live
---@field retained_bytes integer bytes of released arenas that are still committed
---@field reserved_bytes integer addresses reserved for arenas
---@field cached_blocks integer free blocks in the heap's cache, which pools count as live
---@field cached_bytes integer bytes of these blocks
---@field hops integer steps along usable_arenas that CPython 3.6 and 3.7 would make; counted with the option count_hops
---@field map_mid_nodes integer middle nodes that CPython's arena map would have
---@field map_bot_nodes integer bottom nodes that CPython's arena map would have
---@field fragmentation table shares of arena_bytes, from 0 to 1: available, unused_pool, header, quantization, alignment
---@field classes pymalloc.ClassStats[] one for each size class

---The registration of a listener with a heap.
---@class pymalloc.Subscription
local Subscription = {}

---The result of a replay. Bytes are those requested.
---@class pymalloc.Summary
---@field requests integer number of all requests
---@field mallocs integer number of malloc requests
---@field callocs integer
---@field reallocs integer
---@field frees integer
---@field small integer requests that pools served
---@field raw integer requests that raw served
---@field refused integer requests that failed for lack of memory
---@field malloc_bytes integer bytes of the malloc requests that were served
---@field calloc_bytes integer
---@field realloc_bytes integer
---@field realloc_in_place integer resizes that left the block where it was
---@field realloc_moved integer resizes that moved the block
---@field realloc_raw integer resizes of a raw block
---@field realloc_fresh integer resizes of an id that was not live: each allocated a block
---@field free_nothing integer frees of an id that was not live
---@field live_blocks integer live blocks at the end
---@field live_bytes integer bytes of these blocks
---@field live_small_bytes integer bytes of the live blocks in pools
---@field peak_live_blocks integer most live blocks at one time
---@field peak_live_bytes integer
---@field peak_live_small_bytes integer
---@field stopped boolean whether the progress function ended the replay
---@field heap table the heap at the end: some fields of pymalloc.Stats

---A list of requests, as text.
---@class pymalloc.Trace
---@field text string one request per line: a ID SIZE (malloc), c ID COUNT SIZE (calloc), r ID SIZE (realloc), f ID (free)
---@field name string used in messages, such as the path
---@field requests? integer their number; nil if they were not counted

---The carved pool at an offset. An offset at which there
---is no carved pool raises an error.
---@param offset integer bytes from the arena's first pool, a multiple of the size of a pool
---@return pymalloc.Pool
function Arena:pool(offset) end

---Iterates over the carved pools, by address.
---@return function
---@return pymalloc.Arena
function Arena:pools() end

---The address of the first element.
---@return integer
function Buffer:address() end

---Copies all elements of another buffer of the same
---type into b. The two may overlap. Elements that do not fit raise an error,
---and nothing is copied.
---@param source pymalloc.Buffer
---@param at? integer index in b of the first element copied; default 1
---@return pymalloc.Buffer # b itself
function Buffer:copy(source, at) end

---Sets every element to the value.
---@param value number one that the type can hold; another raises an error
---@return pymalloc.Buffer # b itself
function Buffer:fill(value) end

---Frees the block. Any later use of the buffer or of its slices
---raises an error, also a second free.
function Buffer:free() end

---Iterates over indices and elements, as pairs(b) does.
---@return function
---@return pymalloc.Buffer
---@return integer
function Buffer:iter() end

---The place of the block in its heap.
---@return pymalloc.Place|nil # or nil for a raw block
function Buffer:location() end

---The pool of the block.
---@return pymalloc.Pool|nil # or nil for a raw block
function Buffer:pool() end

---Changes the number of elements, by realloc: the block may
---move. New elements are zero. A slice raises an error.
---@param count integer number of elements
---@return pymalloc.Buffer|nil # b itself; or nil, a message and "ENOMEM", and b is unchanged
function Buffer:resize(count) end

---The elements from first to last as a buffer that
---shares their memory. The slice keeps b alive. With last = first - 1 it is
---empty. An index out of range raises an error.
---@param first integer
---@param last? integer default #b
---@return pymalloc.Buffer # it has no block of its own, so it cannot be freed or resized
function Buffer:slice(first, last) end

---The bytes of all elements, in the byte order of the machine.
---@return string
function Buffer:string() end

---Copies the elements into a table.
---@return table
function Buffer:totable() end

---The rows as comma-separated values, after a line of titles.
---@return string
function Experiment:csv() end

---Lets the heap obtain count more arenas; after
---that, it behaves as if the system had no memory for arenas. Without count
---there is no limit.
---@param count? integer
function Heap:allow_arenas(count) end

---A slot of the arenas vector, with or without an arena. A
---slot that the vector does not have raises an error.
---@param slot integer counted from 0
---@return pymalloc.Arena
function Heap:arena(slot) end

---Iterates over the live arenas, by slot.
---@return function
---@return pymalloc.Heap
function Heap:arenas() end

---Allocates a buffer. An element that the type
---cannot hold, and a string whose length is no multiple of the element size,
---raises an error.
---@param type string i8 u8 i16 u16 i32 u32 i64 u64 f32 f64
---@param contents integer|table|string the number of elements, which are then zero; or a table of the elements; or a string of their bytes, as b:string() returns it
---@return pymalloc.Buffer|nil # or nil, a message and "ENOMEM"
function Heap:buffer(type, contents) end

---Allocates count buffers of zeros. One call is
---faster than count calls of heap:buffer.
---@param type string as in heap:buffer
---@param n integer number of elements of each buffer
---@param count integer number of buffers
---@return pymalloc.Buffer[]|nil # or nil, a message and "ENOMEM"; then none is allocated
function Heap:buffers(type, n, count) end

---Allocates a buffer of type u8 with count * size
---bytes, all zero.
---@param count integer
---@param size integer bytes
---@return pymalloc.Buffer|nil # or nil, a message and "ENOMEM"
function Heap:calloc(count, size) end

---Checks every invariant. A broken one raises an error with its
---name and the place where it was found.
---@return boolean # true
function Heap:check() end

---Frees all memory of the heap. Any later use of the heap, of
---its buffers or of its views raises an error. With debug hooks, damage found
---in this last check is raised as an error after that.
function Heap:close() end

---The report of sys._debugmallocstats() on
---the small-object allocator, byte for byte as CPython of this geometry prints
---it. CPython's function prints the free lists of its types after it.
---@param options? table arena_map = false leaves out the section on the arena map, which 3.10 and later have
---@return string
function Heap:debugmallocstats(options) end

---What a checked heap knows about an address, as text
---of one or more lines. For a heap that is not checked the text is empty.
---@param address integer
---@return string
function Heap:describe(address) end

---The whole state as text, without addresses. Heaps in equal
---states have equal dumps.
---@return string
function Heap:dump() end

---Frees the block of a buffer, as b:free() does.
---@param buffer pymalloc.Buffer of this heap
function Heap:free(buffer) end

---A hash of the whole state. Heaps in equal states have equal hashes.
---@return string # 16 hexadecimal digits
function Heap:hash() end

---Sets how many of the last events are kept, also without a listener. A watched heap
---keeps 256 by default.
---@param count integer 0 to 100000
function Heap:keep_events(count) end

---The last events of a watched heap, the oldest first.
---@param count? integer at most so many; the default is all that are kept
---@return pymalloc.Event[]
function Heap:last_events(count) end

---The place of an address in the heap.
---@param address integer
---@return pymalloc.Place|nil # or nil for an address that is in no carved pool of a live arena
function Heap:locate(address) end

---The number of events that were lost for lack of memory since the heap is watched.
---@return integer
function Heap:lost_events() end

---Allocates a buffer of type u8. Its bytes are not
---initialized.
---@param size integer bytes; 0, and more than the threshold, are served by raw
---@return pymalloc.Buffer|nil # or nil, a message and "ENOMEM"
function Heap:malloc(size) end

---Registers a listener: a function that is called with each event of the heap, when the
---request is over. An error that it raises is raised by the method that made the request,
---after all other listeners were called; the request itself is done.
---@param listener function
---@param filter? table kind: a name of an event, or an array of names; class: a size class, or an array of them; details: true also passes events of the kinds marked as details
---@return pymalloc.Subscription
function Heap:on(listener, filter) end

---Reads memory of the heap: blocks in any state,
---and pool headers. All of it must lie in the pools of one live arena;
---anything else raises an error.
---@param address integer of the first byte
---@param count integer bytes
---@return string
function Heap:peek(address, count) end

---The live blocks that keep an arena from being released, by address.
---@param arena pymalloc.Arena|integer a view of it, or its slot
---@return pymalloc.Place[] # each also with size, the bytes of the block
function Heap:pinned_by(arena) end

---Overwrites memory of the heap, to damage it on
---purpose. The heap must be checked, and the bytes must lie in one live arena;
---anything else raises an error.
---@param address integer of the first byte
---@param bytes string
function Heap:poke(address, bytes) end

---Resizes a buffer by realloc: the block may move.
---New bytes are not initialized.
---@param buffer pymalloc.Buffer of this heap
---@param size integer bytes, a multiple of the element size
---@return pymalloc.Buffer|nil # the same buffer; or nil, a message and "ENOMEM", and the buffer is unchanged
function Heap:realloc(buffer, size) end

---The live arenas, ordered by their number of live blocks, the fewest first.
---@return table[] # for each: arena (slot), blocks (number of live blocks), bytes (of these blocks), pinned (as heap:pinned_by returns it)
function Heap:release_candidates() end

---The size class that serves a request.
---@param size integer bytes
---@return integer|nil # szidx, counted from 0; nil for a request that goes to raw
---@return integer # size of the blocks of this class
function Heap:size_class(size) end

---The whole state of the heap at one moment, as plain data.
---@return pymalloc.Snapshot
function Heap:snapshot() end

---Counts arenas, pools and blocks by a walk. The result has the
---numbers of the report (heap:debugmallocstats) and others.
---@return pymalloc.Stats
function Heap:stats() end

---Gives the pages of released arenas, which are retained for
---later arenas, back to the system.
---@return integer # bytes given back
function Heap:trim() end

---The slots without an arena, in list order: the
---first gets the next arena.
---@return pymalloc.Arena[]
function Heap:unused_arena_objects() end

---The arenas that have a free pool, in list order: the
---one with the fewest free pools first.
---@return pymalloc.Arena[]
function Heap:usable_arenas() end

---The used pools of a size class, in list order: the
---first serves the next request.
---@param szidx integer counted from 0
---@return pymalloc.Pool[]
function Heap:usedpools(szidx) end

---The state of each block, by address: "live", "free", "virgin"
---(never carved) or "cached" (kept in the heap's cache: the program does not
---hold it, but the pool counts it as live).
---@return string[]
function Pool:blocks() end

---The offsets of the free blocks, in the order of the free
---chain.
---@return integer[]
function Pool:freelist() end

---The next pool in the list that holds it: usedpools of its
---class, or freepools of its arena.
---@return pymalloc.Pool|nil # or nil for the last pool, and for a full pool, which is on no list
function Pool:next() end

---The previous pool in usedpools of its class.
---@return pymalloc.Pool|nil # or nil for the first pool, and for a pool that is not used
function Pool:prev() end

---Goes back by some requests, at most to the beginning.
---@param count? integer default 1
---@return integer # number of requests taken back
function Run:back(count) end

---The live block of an id.
---@param id integer
---@return table|nil # id, size (bytes requested) and request (the number of the request that made it); for a block in a pool also arena, pool, block and address; nil if the id is not live
function Run:block(id) end

---Frees the run and its heap. Any later use raises an error.
function Run:close() end

---Goes to the next request that has one of the named events, or for which a function
---returns true.
---@param condition string|string[]|table|function a name of an event, or several; or a table with the fields kind (a name or names) and class (a size class); or a function that is called with the run after each request
---@return integer|nil # number of the request; nil if there is none: the run is then at the end, or, with a message, before a request that cannot be run
function Run:continue(condition) end

---The events of the request just done.
---@param with_details? boolean also those of the kinds marked as details, of which one request may have thousands
---@return pymalloc.Event[]
function Run:events(with_details) end

---The largest request to the pools that would be served without a new arena.
---@return integer # bytes; 0 if every such request needs a new arena
function Run:largest_without_arena() end

---The last event, up to the request just done, that wrote a field.
---@param view pymalloc.Heap|pymalloc.Arena|pymalloc.Pool of run.heap
---@param field string its name
---@return pymalloc.Event|nil # or nil if no event wrote it
function Run:last_write(view, field) end

---A request of the trace.
---@param number? integer default: that of the request just done
---@return table|nil # number, op ("malloc", "calloc", "realloc", "free"), id, and size in bytes; nil at the beginning
function Run:request(number) end

---Goes back to the last request before this one that satisfies a condition.
---@param condition string|string[]|table|function as for run:continue
---@return integer|nil # number of the request; nil if there is none: the run is then at the beginning
function Run:reverse(condition) end

---Moves, forwards or backwards, to the state after a request.
---@param op integer number of the request, from 0 (the beginning) to run.length
---@return pymalloc.Run|nil # itself; or nil and the reason why a request cannot be run
function Run:seek(op) end

---Runs the next requests, at most to the end of the trace.
---@param count? integer default 1
---@return integer|nil # number of requests done; or nil and the reason why one cannot be run
function Run:step(count) end

---The events that a free of an id's block would cause now. The state of the run does not
---change.
---@param id integer
---@param with_details? boolean as for run:events
---@return pymalloc.Event[]|nil # or nil and a message
function Run:what_if_free(id, with_details) end

---The live block that an address lies in.
---@param address integer
---@return table|nil # as run:block returns it; nil if there is none
function Run:where(address) end

---Removes the listener. A listener may remove itself while it is called. Removing it
---again has no effect.
function Subscription:remove() end

---@class pymalloc
---@field _VERSION string
local pymalloc = {}

pymalloc.trace = {}

pymalloc.view = {}

---The size classes of a geometry, the smallest
---first.
---@param geometry string|pymalloc.Options name of a profile, or options; a geometry that no heap can have raises an error
---@return pymalloc.SizeClass[]
function pymalloc.class_table(geometry) end

---The differences between two snapshots.
---@param old pymalloc.Snapshot also one that was saved as JSON and read again
---@param new pymalloc.Snapshot
---@return pymalloc.Diff
function pymalloc.diff(old, new) end

---Replays each trace on a heap of each geometry.
---@param plan table traces: an array of paths or traces; geometries: an array of names of profiles, or of options with a field name; measure: an array of measures, which are names, functions of the summary, or { name, function }; the default is arenas_highwater, arenas_allocated_total, arenas_reclaimed and utilisation
---@return pymalloc.Experiment|nil # or nil and the reason why a trace cannot be run
function pymalloc.experiment(plan) end

---A new heap. Without options it has the geometry of
---CPython 3.6.
---@param options? pymalloc.Options an unknown option, and a geometry that no heap can have, raises an error that says which values are allowed
---@return pymalloc.Heap|nil # or nil, a message and "ENOMEM". The heap is closed by heap:close(), at the end of a variable with `<close>`, or when it is garbage.
function pymalloc.heap(options) end

---Moves this Lua state onto a new heap. All later
---requests of the state are served by the heap; blocks allocated before go
---back to the allocator that they came from. The heap is closed when the state
---is. In a state that is already hosted, and inside pymalloc.trace.record, a
---call raises an error.
---@param options? pymalloc.Options the defaults are those of pym_options_hosting: profile "3.11", with a cache, and with more retained bytes
---@return pymalloc.Heap|nil # or nil, a message and "ENOMEM"
function pymalloc.host(options) end

---The heap that serves this Lua state.
---@return pymalloc.Heap|nil # or nil in a state that is not hosted
function pymalloc.hosting() end

---The geometries that have a name, the default first.
---@return pymalloc.Geometry[]
function pymalloc.profiles() end

---A run of a trace, before its first request.
---@param trace string|pymalloc.Trace a path, or what pymalloc.trace.load or parse returned
---@param options? pymalloc.Options those of the heap; checked, debug and a cache are refused
---@return pymalloc.Run|nil # or nil, a message and "trace" for a trace that cannot be read
function pymalloc.replay(trace, options) end

---Makes a trace from a file, as pymalloc.trace.parse does from text.
---@param path string files that end in .gz, .xz and .zst are unpacked; "-" is standard input
---@param options? table as for pymalloc.trace.parse, without name
---@return pymalloc.Trace|nil # or nil and a message
---@return table # as for pymalloc.trace.parse
function pymalloc.trace.load(path, options) end

---Makes a trace from text in any format that can be imported: this library's own,
---malloclab's, or the output of mtrace, valgrind --trace-malloc=yes or ltrace.
---@param text string
---@param options? table format: the name of the format, which is recognised otherwise; lenient: true keeps the requests before the first wrong line; name: used in messages; progress: a function that is called from time to time with the number of lines read
---@return pymalloc.Trace|nil # or nil and a message
---@return table # format; requests; unknown_frees: frees of blocks whose allocation is not in the text; reused: blocks whose free is not in the text, as their address was allocated again; others: requests of other processes, left out; problem: with lenient, the message on the wrong line
function pymalloc.trace.parse(text, options) end

---Records the requests that Lua makes to its allocator while a function runs. When the
---function returns or raises an error, the previous allocator is restored; an error is
---then raised again.
---@param f function
---@param ... any its arguments
---@return pymalloc.Trace
---@return any # results of the function
function pymalloc.trace.record(f, ...) end

---Runs the requests of a trace on a new
---heap.
---@param path string files that end in .gz, .xz and .zst are unpacked; - is standard input
---@param options? pymalloc.ReplayOptions
---@return pymalloc.Summary|nil # or nil, a message, and a kind: "trace" (the trace is not valid), "check" (a k line found a broken invariant), "write" (the output failed) or "ENOMEM"
function pymalloc.trace.replay_file(path, options) end

---Runs the requests of a trace that is a
---string.
---@param text string
---@param options? pymalloc.ReplayOptions
---@return pymalloc.Summary|nil # or nil, a message and a kind, as in replay_file
function pymalloc.trace.replay_text(text, options) end

---Writes a trace to a file.
---@param trace pymalloc.Trace
---@param path string a file that ends in .gz, .xz or .zst is packed; "-" is standard output
---@return boolean|nil # true; or nil and a message
function pymalloc.trace.save(trace, path) end

---A picture as SVG. A heap, an arena or a run is drawn as rows of pools; a pool, or the
---pool of a buffer, as blocks, with the free ones numbered in the order of the free
---chain.
---@param x any
---@param options? table width: 300 or more, default 800
---@return string
function pymalloc.view.svg(x, options) end

---A picture of a heap, an arena, a pool, a buffer's block, a diff, or the current request
---of a run.
---@param x any
---@param options? table width: columns, 60 or more, default 80; ascii: true draws with ASCII characters only, the default in locales that are not UTF-8; colour: the default is true on a terminal, unless NO_COLOR is set; block: for a pool, draws the block at this offset
---@return string # without a newline at its end
function pymalloc.view.text(x, options) end

return pymalloc
