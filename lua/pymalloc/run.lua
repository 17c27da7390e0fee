--- Runs: a trace on a heap that can be moved to any of the trace's requests, forwards and
-- backwards.
--
--     local run = pymalloc.replay("@startup")
--     run:continue("arena_release")     -- to the first release of an arena
--     print(run, run:request().op)
--     run:back()
--     print(run:last_write(run.heap:arena(1), "nfreepools"))
--
-- The methods that search return nil where nothing is found. A request of the trace that
-- cannot be run is reported as nil and a message.

local core = require "pymalloc.core"
local events = require "pymalloc.event"
local marks = require "pymalloc.marks"
local method = require "pymalloc.method"
local sites = require "pymalloc.sites"
local traces = require "pymalloc.trace"

-- This module adds the methods that search.
require "pymalloc.run_search"

local M = {}
local methods = method.of "Run"
local Heap = method.of "Heap"

--- pymalloc.Run: a trace on a heap. It is closed by run:close(), at the end of a variable
-- with <close>, or when it is garbage.
-- @tfield integer op number of requests done
-- @tfield integer length number of requests of the trace
-- @tfield integer left_out number of its requests that are of other interpreters
-- @tfield pymalloc.Heap heap the heap after request op; it can be read, not used or
-- changed

-- The number of the interpreter, and the options without it.
local function split(options)
  local number = type(options) == "table" and rawget(options, "interpreter")
  if not number then
    return 0, options
  end
  local rest = {}
  for name, value in next, options do
    rest[name] = name ~= "interpreter" and value or nil
  end
  return number, rest
end

--- A run of the first requests of a LoadedTrace.
-- @local
function M.replay_loaded(loaded, options, count)
  local run, problem, kind = events.unplaced(core.run.open_loaded, loaded, options, count)
  if run then
    sites.run_of[run.heap] = run
  end
  return run, problem, kind
end

-- The options of a heap for a LoadedTrace, which has the requests of one interpreter.
local function without_interpreter(options)
  if type(options) == "table" and options.interpreter ~= nil then
    error("pymalloc: replay: interpreter must be nil for a LoadedTrace: it has the requests of "
      .. "one interpreter", 0)
  end
  return options
end

--- A run of a trace, before its first request.
-- @tparam string|pymalloc.Trace|pymalloc.LoadedTrace trace a path, or what
-- pymalloc.trace.load, parse or loaded returned; a file of any format that
-- pymalloc.trace.load can read. Runs of one LoadedTrace share its requests
-- @tparam[opt] pymalloc.Options options those of the heap; checked, debug and a cache are
-- refused. In addition, interpreter: the number of the interpreter whose requests are run,
-- default 0; run.left_out counts those of others
-- @treturn pymalloc.Run or nil, a message and "trace" for a trace that cannot be read
-- @usage
-- local startup = pymalloc.replay("@startup")
-- startup:continue("arena_release") --> 40299
function M.replay(trace, options)
  options = traces.options(options)
  if type(trace) == "userdata" and getmetatable(trace) == "pymalloc.LoadedTrace" then
    options = events.checked(without_interpreter, options)
    local run, problem, kind = events.checked(M.replay_loaded, trace, options, #trace)
    return run, problem, kind
  end
  local source, is_text = events.checked(traces.source, trace, "replay")
  local number, rest = split(options)
  local function open(path)
    return events.unplaced(core.run.open, path, is_text, rest, number)
  end
  local run, problem, kind = events.checked(traces.or_foreign, source, is_text, open)
  if run then
    sites.run_of[run.heap] = run
  end
  return run, problem, kind
end

local function check_count(count, what)
  count = count == nil and 1 or count
  if math.type(count) ~= "integer" or count < 0 then
    error(("pymalloc: %s: count must be an integer, 0 or more, got %s"):format(what,
      core.describe(count)), 3)
  end
  return count
end

--- Runs the next requests, at most to the end of the trace.
-- @tparam[opt] integer count default 1
-- @treturn integer number of requests done; or nil and the reason why one cannot be run
-- @usage
-- run:seek(0)
-- run:step(2) --> 2
function methods:step(count)
  local from = self.op
  local ok, problem = self:seek(math.min(from + check_count(count, "run:step"), self.length))
  if not ok then
    return nil, problem
  end
  return self.op - from
end

--- Goes back by some requests, at most to the beginning.
-- @tparam[opt] integer count default 1
-- @treturn integer number of requests taken back
-- @usage run:back() --> 1
function methods:back(count)
  local from = self.op
  self:seek(math.max(from - check_count(count, "run:back"), 0))
  return from - self.op
end

local function without_details(list)
  local plain = {}
  for _, event in ipairs(list) do
    if not events.is_detail(event) then
      table.insert(plain, event)
    end
  end
  return plain
end

--- The events of the request just done.
-- @tparam[opt] boolean with_details also those of the kinds marked as details, of which
-- one request may have thousands
-- @treturn pymalloc.Event[]
-- @usage run:events()[2].kind --> pool_carve
function methods:events(with_details)
  local list = core.run.events(self)
  return with_details and list or without_details(list)
end

--- The marks of the trace: the phases of the program begin there.
-- @treturn table[] in order, each with op (the number of requests done before it) and text
-- @usage #run:marks() --> 0
function methods:marks()
  return marks.list(self)
end

--- A request of the trace.
-- @tparam[opt] integer number default: that of the request just done
-- @treturn table number, op ("malloc", "calloc", "realloc", "free"), id, and size in bytes;
-- where the trace tells who asked, also site (a number) and where (the frames of the call
-- stack, innermost first); nil at the beginning
-- @usage run:request(2) --> { id = 2, number = 2, op = "malloc", size = 40 }
function methods:request(number)
  return sites.add_where(self, events.checked(core.run.request, self, number))
end

--- The live block of an id.
-- @tparam integer id those of 2^63 and more are negative
-- @treturn table id, size (bytes requested) and request (the number of the request that
-- made or last resized it); for a block in a pool also arena, pool, block and address;
-- where the trace tells who asked, also site and where, as in run:request; nil if the id
-- is not live
-- @usage run:block(1).block --> 48
function methods:block(id)
  return sites.add_where(self, events.checked(core.run.find_id, self, id))
end

-- The address of the block that contains an address; nil if it is in no block.
local function first_byte(heap, address)
  local place = heap:locate(address)
  if not place then
    return nil
  end
  local header_bytes = heap.geometry.header_bytes
  local pool = heap:arena(place.arena):pool(place.pool)
  if place.offset < header_bytes or not pool.size then
    return nil
  end
  return address - (place.offset - header_bytes) % pool.size
end

--- The live block that an address lies in.
-- @tparam integer address
-- @treturn table as run:block returns it; nil if there is none
-- @usage run:where(run:block(1).address + 5).id --> 1
function methods:where(address)
  if math.type(address) ~= "integer" then
    error("pymalloc: run:where: address must be an integer, got "
      .. core.describe(address), 2)
  end
  local first = first_byte(self.heap, address)
  return first and sites.add_where(self, core.run.find_block(self, first))
end

-- The arguments of core.run.last for the record that a view of the run's heap shows.
local function record_of(run, view)
  local kind = core.kind(view)
  if kind == "Heap" and view == run.heap then
    return "heap"
  elseif kind == "Arena" and core.owner(view) == run.heap then
    return "arena", view.index
  elseif kind == "Pool" and core.owner(view) == run.heap then
    return "pool", view.arena, view.offset
  end
  error("pymalloc: run:last_write: view must be run.heap, or an arena or a pool of it, got "
    .. (kind and tostring(view) or core.describe(view)), 0)
end

--- The last event, up to the request just done, that wrote a field.
-- @tparam pymalloc.Heap|pymalloc.Arena|pymalloc.Pool view of run.heap
-- @tparam string field its name
-- @treturn pymalloc.Event or nil if no event wrote it
-- @usage run:last_write(run.heap:arena(0), "nfreepools").request --> 2
function methods:last_write(view, field)
  local record, arena, offset = events.checked(record_of, self, view)
  local event = events.checked(core.run.last, self, record, field, arena, offset)
  return event
end

--- The events that a free of an id's block would cause now. The state of the run does not
-- change.
-- @tparam integer id
-- @tparam[opt] boolean with_details as for run:events
-- @treturn pymalloc.Event[] or nil and a message
-- @usage run:what_if_free(1)[2].kind --> block_push
function methods:what_if_free(id, with_details)
  local list, problem = events.checked(core.run.what_if_free, self, id)
  if not list then
    return nil, problem
  end
  return with_details and list or without_details(list)
end

--- The largest request to the pools that would be served without a new arena.
-- @treturn integer bytes; 0 if every such request needs a new arena
-- @usage run:largest_without_arena() --> 512
function methods:largest_without_arena()
  local heap = self.heap
  local geometry = heap.geometry
  if #heap:usable_arenas() > 0 then
    return geometry.threshold
  end
  for szidx = geometry.class_count - 1, 0, -1 do
    if #heap:usedpools(szidx) > 0 then
      return math.min((szidx + 1) * geometry.alignment, geometry.threshold)
    end
  end
  return 0
end

--- A hash of the places of all blocks that the requests of the trace get, in order, and of the
-- state after the last. Runs whose blocks have the same places have equal digests, on any
-- machine. The run stays where it is.
-- @treturn string 16 hexadecimal digits
-- @usage #run:digest() --> 16
function methods:digest()
  return core.run.digest(self)
end

--- A hash of the whole state. Heaps in equal states have equal hashes.
-- @treturn string 16 hexadecimal digits
-- @usage heap:hash() == heap:hash() --> true
function Heap:hash()
  return core.run.hash(self)
end

return M
