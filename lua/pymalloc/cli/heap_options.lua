-- The options of commands that make a heap.

local core = require "pymalloc.core"
local numbers = require "pymalloc.cli.numbers"
local runs = require "pymalloc.run"
local text = require "pymalloc.text"

local M = {}

local FAILED, BAD_USAGE = 1, 2

-- The option, the name of its argument, its help, and the option of the heap.
local sizes = {
  { "--alignment", "BYTES", "Alignment of blocks, and step between size classes: a power of two "
    .. "from 8 to 512.", "alignment" },
  { "--threshold", "BYTES", "Largest request that pools serve: a multiple of the alignment.",
    "threshold" },
  { "--pool-bytes", "BYTES", "Size of a pool: a power of two, at most 1M.", "pool_bytes" },
  { "--arena-bytes", "BYTES", "Size of an arena: a power of two, at most 1G.", "arena_bytes" },
  { "--arena-offset", "BYTES", "Begin each arena this many bytes after an address aligned to "
    .. "pools: a multiple of the alignment, less than a pool.", "arena_offset" },
}
local limits = {
  { "--retain", "BYTES", "Bytes of released arenas that stay committed. BYTES may end in K, M or "
    .. "G: 256K.", "retain_bytes" },
}

-- The converter of --profile. The message for an unknown profile lists the known ones.
local function check_profile(name)
  local known, why = pcall(core.class_table, name)
  if known then
    return name
  end
  return nil, (why:gsub("^pymalloc: profile", "option '--profile'"))
end

local function add_sizes(command, list)
  for _, row in ipairs(list) do
    command:option(row[1], row[3]):argname(row[2]):target(row[4])
      :convert(numbers.size_reader(row[1]))
  end
end

-- Adds the options that make a geometry.
function M.define_geometry(command)
  command:option("--profile", "Geometry: a version of CPython, such as 3.6 or 3.12.1, "
    .. "or 'classroom' (see 'pymalloc profiles'). Default: 3.6.")
    :argname("NAME"):convert(check_profile)
  add_sizes(command, sizes)
end

-- Adds the same and the options on arenas.
function M.define(command)
  M.define_geometry(command)
  command:option("--release", "When an arena without live blocks is released. Default: that of "
    .. "the profile.")
    :choices({ "at_once", "keep_last", "never" }):argname("RULE")
  command:option("--max-arenas", "Limit on arenas at one time. Default: none."):argname("COUNT")
    :target("max_arenas"):convert(numbers.count_reader("--max-arenas", 0))
  add_sizes(command, limits)
end

local function copy(arguments, list, options)
  for _, row in ipairs(list) do
    options[row[4]] = arguments[row[4]]
  end
end

-- A message of the library, with the names of options in place of the names of fields.
local function in_options(message)
  for _, list in ipairs { sizes, limits } do
    for _, row in ipairs(list) do
      message = message:gsub("%f[%w_]" .. row[4] .. "%f[^%w_]", row[1])
    end
  end
  return message
end

-- The options as a table for pymalloc.heap, and the table of their size classes;
-- or nil and a message.
function M.read(arguments)
  local options = { profile = arguments.profile }
  copy(arguments, sizes, options)
  copy(arguments, limits, options)
  options.release = arguments.release
  options.max_arenas = arguments.max_arenas
  local ok, classes = pcall(core.class_table, options)
  if not ok then
    return nil, in_options(classes)
  end
  return options, classes
end

-- A run of the trace and the interpreter that the arguments name, on a heap with their options;
-- or nil, a message and the exit code.
function M.open_run(arguments)
  local options, problem = M.read(arguments)
  if not options then
    return nil, problem, BAD_USAGE
  end
  options.interpreter = arguments.interpreter
  local run, message = runs.replay(arguments.trace, options)
  if not run then
    return nil, message, FAILED
  end
  return run
end

-- Says on standard error if a heap has used all addresses that the system granted, which may
-- be few or none: the raw allocator serves a request for which there is no arena.
-- `figures`: the fields reserved_bytes and arenas_highwater
function M.report_addresses(figures, arena_bytes, max_arenas)
  local arenas = figures.reserved_bytes // arena_bytes
  if figures.arenas_highwater >= arenas and figures.arenas_highwater ~= max_arenas then
    io.stderr:write(("pymalloc: the system grants addresses for no more than %s (ulimit -v may be "
      .. "the limit): the raw allocator serves requests that find no arena\n"):format(
      text.count(arenas, "arena")))
  end
end

-- The geometry that the options give, as a plain table.
function M.geometry(options)
  local heap <close> = assert(core.heap(options))
  local geometry = {}
  for name, value in pairs(heap.geometry) do
    geometry[name] = value
  end
  return geometry
end

return M
