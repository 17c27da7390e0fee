-- pymalloc workload: writes a trace that is generated.

local generators = require "pymalloc.workload.generators"
local numbers = require "pymalloc.cli.numbers"
local object = require "pymalloc.workload.object"
local output = require "pymalloc.output"
local progress = require "pymalloc.cli.progress"
local stdout = require "pymalloc.cli.stdout"
local text = require "pymalloc.text"
local workload = require "pymalloc.workload"

local M = {}

local FAILED, BAD_USAGE, NO_READER = 1, 2, 141
local COLUMNS = 80
local LIKE = "like" -- the name of workloads that are made after a trace

function M.define(parser)
  local command = parser:command("workload",
    "Write a trace that is generated from a seed.",
    "Examples: pymalloc workload --list\n"
      .. "          pymalloc workload ramps --requests 1000000 --seed 7 ramps.trace.xz\n"
      .. "          pymalloc workload queue --set live=50 --set most=64 - | head\n"
      .. "          pymalloc workload like --of @json --requests 50000 small.trace\n\n"
      .. "The same name, options and seed give the same trace on every machine. 'like'\n"
      .. "makes a trace with the sizes, lifetimes and live bytes of another, longer or\n"
      .. "shorter.")
  command:argument("name", "The generator: " .. table.concat(generators.names, ", ")
    .. " or " .. LIKE .. "."):argname("NAME"):args("?")
  command:argument("output", "The trace to write: .ptrace is the packed form; .gz, .xz and .zst "
    .. "files are packed; - is standard output."):argname("OUT"):args("?")
  command:option("--requests", "The number of requests. Default: 100000."):argname("N")
    :convert(numbers.count_reader("--requests", 1, 1 << 30))
  command:option("--seed", "The seed. Default: 1."):argname("S")
    :convert(numbers.count_reader("--seed", 0))
  command:option("--set", "Set an option of the generator, such as live=50."):argname("KEY=VALUE")
    :count("*")
  command:option("--of", "With like: the trace that the new one is like."):argname("TRACE")
  command:flag("--list", "Print the generators with their options.")
end

-- {=== The list

-- "live (default 5000)", ... in order.
local function options_text(generator)
  local parts = {}
  for name, limits in pairs(generator.options) do
    table.insert(parts, ("%s=%d"):format(name, limits.default))
  end
  table.sort(parts)
  return table.concat(parts, " ")
end

local function write_list()
  for _, generator in ipairs(workload.names()) do
    local lines = text.wrap(generator.meaning .. ".", COLUMNS, ("%-12s"):format(generator.name))
    if next(generator.options) then
      for _, line in ipairs(text.wrap(options_text(generator), COLUMNS, (" "):rep(12))) do
        table.insert(lines, line)
      end
    end
    stdout.write(table.concat(lines, "\n"), "\n")
  end
end

-- {=== Making

-- The options of the generator; or nil and a message.
local function options_of(arguments)
  local options = { requests = arguments.requests, seed = arguments.seed }
  for _, setting in ipairs(arguments.set) do
    local name, digits = setting:match("^([%l_]+)=(%-?%d+)$")
    local value = math.tointeger(tonumber(digits))
    if not value then
      return nil, ("option '--set' takes KEY=VALUE, such as live=50, got '%s'"):format(setting)
    end
    options[name] = value
  end
  return options
end

local function is_generator(name)
  for _, known in ipairs(generators.names) do
    if name == known then
      return true
    end
  end
  return false
end

-- The fault of the arguments as a message; nil if there is none.
local function misuse(arguments)
  local name = arguments.name
  if not name or not arguments.output then
    return "NAME and OUT are needed; --list prints the names"
  elseif name ~= LIKE and not is_generator(name) then
    return ("there is no generator '%s' (known: %s, %s)"):format(name,
      table.concat(generators.names, ", "), LIKE)
  elseif (name == LIKE) ~= (arguments.of ~= nil) then
    return "like needs --of TRACE, and no other generator takes it"
  elseif name == LIKE and #arguments.set > 0 then
    return "like takes no option by --set"
  end
end

-- A message of the library about an option, which was given by --set.
local function in_options(message)
  return (message:gsub("^[^\n]-pymalloc: workload%.%l+: ", "option '--set': "))
end

-- The workload; or nil, a message and an exit code.
local function make(arguments, options)
  if arguments.name == LIKE then
    local made, problem = workload.like(arguments.of, options.requests or 100000,
      { seed = options.seed })
    return made, problem, FAILED
  end
  local ok, made = pcall(workload[arguments.name], options)
  if not ok then
    return nil, in_options(made), BAD_USAGE
  end
  return made
end

-- Writes the trace piece by piece, so that its length costs no memory. Returns true; or nil, a
-- message and an exit code.
local function write(made, path)
  local out <close>, problem = output.open(path, { form = "trace" })
  if not out then
    return nil, problem, FAILED
  end
  local line <close> = progress.new(true, "bytes")
  local bytes = 0
  for piece in object.pieces(made) do
    if not out:write(piece) then
      break
    end
    bytes = bytes + #piece
    line:show(bytes)
  end
  local ok, reason, is_unread = out:finish()
  return ok, reason, is_unread and NO_READER or FAILED
end

function M.run(arguments)
  if arguments.list then
    write_list()
    return 0
  end
  local problem = misuse(arguments)
  local options
  if not problem then
    options, problem = options_of(arguments)
  end
  if problem then
    return nil, problem, BAD_USAGE
  end
  local made, message, code = make(arguments, options)
  if not made then
    return nil, message, code
  end
  local ok, reason, failure = write(made, arguments.output)
  if not ok then
    return nil, reason, failure
  end
  io.stderr:write(("pymalloc: %s of %s written to %s\n"):format(
    text.count(text.group(#made), "request"), made.name,
    arguments.output == "-" and "standard output" or arguments.output))
  return 0
end

return M
