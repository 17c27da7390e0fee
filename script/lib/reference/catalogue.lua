-- The entries of all public comments in bindings/lua and lua/pymalloc, by the name
-- that a script uses.

local comments = require "script.lib.reference.comments"
local tree = require "script.lib.tree"

local M = {}

-- The files of lua/pymalloc with public functions, and what the names of these
-- begin with. Methods get their object as the first parameter. "types": the file
-- has only types.
M.public = {
  init = "pymalloc.",
  run = "pymalloc.",
  run_search = "run:",
  pins = "run:",
  diff = "pymalloc.",
  experiment = "pymalloc.",
  plot = "pymalloc.plot.",
  lab = "pymalloc.lab.",
  analyse = "pymalloc.",
  workload = "pymalloc.workload.",
  trace = "pymalloc.trace.",
  view = "pymalloc.view.",
  watch = "heap:",
  snapshot = "heap:",
  snapshots = "pymalloc.snapshot.",
  attach = "pymalloc.",
  report = "pymalloc.report.",
  real = "pymalloc.real.",
  assertions = "assert.",
  lesson = "lesson.",
  event = "types",
  hosted = "types",
}

-- The files that scripts do not require.
M.internal = { base64 = true, check = true, cli = true, copy = true, export = true, fnv = true,
  foreign = true, fragmentation = true, frames = true, geometry_name = true, import = true,
  input = true, json = true, marks = true, method = true, optional = true, output = true,
  packed = true, page = true, play = true, preloaded = true, recorded = true, sandbox = true,
  sandbox_names = true, shape = true, sites = true, snapshot_shape = true, sorted_keys = true,
  tables = true, text = true }

-- The word for an object of each type, in names of methods: heap:malloc.
M.word_of = {
  ["pymalloc.Heap"] = "heap",
  ["pymalloc.Buffer"] = "b",
  ["pymalloc.Arena"] = "arena",
  ["pymalloc.Pool"] = "pool",
  ["pymalloc.Run"] = "run",
  ["pymalloc.LoadedTrace"] = "loaded",
  ["pymalloc.Subscription"] = "subscription",
  ["pymalloc.Experiment"] = "experiment",
  ["pymalloc.Plot"] = "plot",
  ["pymalloc.Snapshot"] = "snapshot",
  ["pymalloc.Report"] = "report",
  ["pymalloc.Analysis"] = "analysis",
  ["pymalloc.Workload"] = "workload",
}

local function stem_of(path)
  return path:match("([^/]*)%.%l+$")
end

-- The parameters of a method without the first one, which is the object.
local function without_first(arguments)
  return (arguments:gsub("^%([%w_]+,? ?", "("))
end

-- The public name and the arguments of the function that a line of Lua defines.
local function name_in_code(path, code)
  local object, sign, name, arguments = code:match("^function ([%w_.]+)([.:])([%w_]+)(%b())")
  if not object or object == "M" and M.public[stem_of(path)] == "types" then
    return nil
  end
  local owner
  if object == "M" then
    owner = M.public[stem_of(path)]
    if owner:find(":$") then
      arguments = without_first(arguments)
    end
  elseif object == "methods" or sign == ":" then
    owner = (object == "methods" and stem_of(path) or object:lower()) .. ":"
  end
  return owner and owner .. name, arguments
end

-- "(a [, b])": the arguments, with those in brackets that the tags call optional.
local function arguments_of(entry)
  if entry.arguments or #entry.params == 0 then
    return entry.arguments or "()"
  end
  local text = ""
  for i, param in ipairs(entry.params) do
    local comma = i > 1 and ", " or ""
    text = text .. (param.is_optional and (i > 1 and " [" or "[") .. comma .. param.name .. "]"
      or comma .. param.name)
  end
  return "(" .. text .. ")"
end

local function complete(entry)
  local name = entry.name
  if not name then
    name, entry.code_arguments = name_in_code(entry.path, entry.code)
  end
  if not name then
    return nil
  end
  entry.name = name:gsub("^trace%.", "pymalloc.trace.")
  entry.kind = entry.name:find("^pymalloc%.%u") and "type" or "function"
  entry.arguments = entry.kind == "function" and arguments_of(entry) or nil
  entry.text = table.concat(entry.lines, "\n"):match("^%s*(.-)%s*$"):gsub("^%l", string.upper)
  entry.example = table.concat(entry.usage, "\n")
  return entry
end

-- All files with public comments. A file that is in neither list is reported.
local function paths(root, report)
  local list = tree.files(root .. "/bindings/lua", "*.c")
  for _, path in ipairs(tree.files(root .. "/lua/pymalloc", "*.lua")) do
    local stem = path:match("/lua/pymalloc/([^/]*)%.lua$")
    if M.public[stem] then
      table.insert(list, path)
    elseif stem and not M.internal[stem] then
      report(("%s: do scripts require it? Then tell script/lib/reference/catalogue.lua, in "
        .. "M.public, how its functions are called; else put '%s' into M.internal")
        :format(path, stem))
    end
  end
  return list
end

--- The entries by name, the sorted names, and the comments at the head of the files
-- of lua/pymalloc, by the name of the file.
-- @param report is called with a message for each fault in a comment
function M.read(root, report)
  local entries, names, heads = {}, {}, {}
  for _, path in ipairs(paths(root, report)) do
    for _, read in ipairs(comments.read(path, report)) do
      local entry = complete(read)
      if read.line == 1 then
        heads[stem_of(path)] = table.concat(read.lines, "\n")
      end
      if entry and not entry.is_local then
        if entries[entry.name] then
          report(("%s:%d: %s has a comment already in %s"):format(path, entry.line, entry.name,
            entries[entry.name].path))
        else
          table.insert(names, entry.name)
        end
        entries[entry.name] = entry
      elseif entry then
        entries["local " .. entry.name] = entry
      end
    end
  end
  table.sort(names)
  return entries, names, heads
end

return M
