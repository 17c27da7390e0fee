-- pymalloc attach: reads the arenas of a running CPython from outside.

local attach = require "pymalloc.attach"
local diff = require "pymalloc.diff"
local numbers = require "pymalloc.cli.numbers"
local output = require "pymalloc.output"
local progress = require "pymalloc.cli.progress"
local snapshots = require "pymalloc.snapshots"
local stdout = require "pymalloc.cli.stdout"
local svg_options = require "pymalloc.cli.svg_options"
local summary = require "pymalloc.cli.attach_summary"
local text = require "pymalloc.text"
local view = require "pymalloc.view"

local M = {}

local FAILED, BAD_USAGE, NO_READER = 1, 2, 141

function M.define(parser)
  local command = parser:command("attach",
    "Read the arenas of a running CPython from outside; it is not stopped.",
    "Examples: pymalloc attach 4711\n"
      .. "          pymalloc attach 4711 --save before.json.gz\n"
      .. "          pymalloc attach 4711 --since before.json.gz\n"
      .. "          pymalloc attach 4711 --pins --map --stats --svg arenas.svg\n"
      .. "          pymalloc attach before.json.gz --svg slide.svg --theme dark \\\n"
      .. "            --scale 2 --title Before --columns 16 --highlight 0\n"
      .. "          pymalloc attach 4711 --interpreter 1 --json\n"
      .. "          gcore -o core 4711; pymalloc attach core.4711 --check")
  command:argument("target", "A process, a core file, or a saved snapshot."):argname("PID|FILE")
  command:option("--interpreter", "Read interpreter N; the main one is 0."):argname("N")
    :convert(numbers.count_reader("--interpreter", 0))
  command:flag("--map", "Draw the arenas with their pools.")
  command:flag("--pins", "List the arenas that the fewest live blocks pin.")
  command:flag("--stats", "Print the report of sys._debugmallocstats().")
  command:flag("--check", "Check the invariants; exit with 1 if one is broken.")
  command:option("--since", "Print what changed since a saved snapshot."):argname("FILE")
  command:flag("--json", "Print the snapshot as JSON, and nothing else.")
  command:option("--save", "Save the snapshot as JSON."):argname("FILE")
  command:option("--svg", "Save a picture of all arenas; with --since, of what changed.")
    :argname("FILE")
  svg_options.define(command, true)
end

-- {=== Reading

-- The first bytes of a file; nil and a message if it cannot be read.
local function head_of(path)
  local file <close>, problem = io.open(path, "rb")
  if not file then
    return nil, problem
  end
  local head, reason = file:read(4)
  if not head then
    return nil, ("%s %s"):format(path, reason and "cannot be read: " .. reason or "is empty")
  end
  return head
end

-- A file that begins as neither JSON nor a packed file is not read further: it may be endless.
local function load(path, head)
  if not head:find("^%s*{") and not path:find("%.gz$") and not path:find("%.xz$")
    and not path:find("%.zst$") then
    return nil, path .. " is neither a core file nor a snapshot that was saved"
  end
  return snapshots.load(path)
end

-- The snapshot of a process, of a core file, or one that was saved; nil, a message and an
-- exit code if there is none.
local function read(arguments)
  local target = arguments.target
  if target:find("^%-?%d+$") then
    local pid = math.tointeger(tonumber(target))
    if not pid or pid < 1 or pid > 1 << 31 then
      return nil, ("PID must be a whole number, 1 or more, got '%s'"):format(target), BAD_USAGE
    end
    target = pid
  else
    local head, problem = head_of(target)
    if not head then
      return nil, problem, FAILED
    elseif head ~= "\127ELF" then
      return load(target, head)
    end
  end
  local line <close> = progress.new(true, "arenas")
  return attach.attach(target, { interpreter = arguments.interpreter,
    progress = function(count) line:show(count) end })
end

-- {=== Remarks, on standard error

local function remark(format, ...)
  io.stderr:write("pymalloc: ", format:format(...), "\n")
end

local function remark_on(snapshot)
  local reading, process = snapshot.reading or {}, snapshot.process or {}
  if (reading.changed or 0) > 0 then
    remark("the process ran while it was read: %s of %d changed between the last two of %d "
      .. "readings; the numbers are of different moments", text.count(reading.changed, "pool"),
      reading.pools, reading.passes + 1)
  end
  if (reading.torn or 0) > 0 then
    remark("%s could not be read whole: not all free blocks of such a pool are known",
      text.count(reading.torn, "pool"))
  end
  local others = process.interpreters or {}
  if process.is_shared then
    remark("interpreter %d uses the arenas of interpreter 0", process.interpreter)
  end
  if #others > 1 then
    remark("interpreters %s have arenas of their own; --interpreter N reads those of another "
      .. "interpreter", table.concat(others, ", "))
  end
end

-- {=== What is printed

local function print_faults(snapshot)
  local faults = snapshot:faults()
  for _, fault in ipairs(faults) do
    stdout.write(("%s: %s: %s\n"):format(fault.invariant, fault.place, fault.message))
  end
  local is_moving = (snapshot.reading or {}).changed ~= 0 and snapshot.reading ~= nil
  local good = is_moving and "all invariants of pools hold; lists and counters were not checked, "
    .. "because the process ran" or "all invariants hold"
  stdout.write(#faults == 0 and good
    or text.count(#faults, "invariant is", "invariants are") .. " broken", "\n")
  return #faults
end

-- The picture of all arenas, or with --since of what changed.
local function picture_of(arguments, snapshot, before)
  local options = svg_options.read(arguments)
  options.before = before
  return view.svg(snapshot, options)
end

-- Writes the files. Returns true, or nil, a message and an exit code.
local function write_files(arguments, snapshot, before)
  local files = {
    { arguments.save, function() return snapshot:json() end },
    { arguments.svg, function() return picture_of(arguments, snapshot, before) end },
  }
  for _, file in ipairs(files) do
    if file[1] then
      local ok, problem, is_unread = output.write(file[1], file[2]())
      if not ok then
        return nil, problem, is_unread and NO_READER or FAILED
      end
    end
  end
  return true
end

local function has_output(arguments)
  return arguments.map or arguments.pins or arguments.stats or arguments.check
    or arguments.since or arguments.save == "-" or arguments.svg == "-"
end

-- Prints what the options ask for. Returns the exit code.
local function print_parts(arguments, snapshot, before)
  if arguments.json then
    stdout.write(snapshot:json())
    return 0
  elseif not has_output(arguments) then
    stdout.write(summary.text(snapshot))
  end
  if arguments.map then
    stdout.write(view.text(snapshot), "\n")
  end
  if arguments.pins then
    stdout.write(summary.pins(snapshot))
  end
  if arguments.stats then
    stdout.write(snapshot:debugmallocstats())
  end
  if before then
    stdout.write(view.text(diff.diff(before, snapshot)), "\n")
  end
  return arguments.check and print_faults(snapshot) > 0 and FAILED or 0
end

function M.run(arguments)
  if arguments.json and has_output(arguments) then
    return nil, "--json prints the snapshot and cannot be combined with --map, --pins, --stats, "
      .. "--check, --since or a file named -", BAD_USAGE
  end
  local misuse = svg_options.misuse(arguments)
  if misuse then
    return nil, misuse, BAD_USAGE
  end
  local snapshot, problem, code = read(arguments)
  if not snapshot then
    return nil, problem, code or FAILED
  end
  remark_on(snapshot)
  local before, missing
  if arguments.since then
    before, missing = snapshots.load(arguments.since)
    if not before then
      return nil, missing, FAILED
    end
  end
  local ok, failure, failed = write_files(arguments, snapshot, before)
  if not ok then
    return nil, failure, failed
  end
  return print_parts(arguments, snapshot, before)
end

return M
