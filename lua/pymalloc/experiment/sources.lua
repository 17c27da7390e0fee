-- The traces of an experiment: each is read into memory once, and each of its interpreters is
-- a source for designs. A pymalloc.LoadedTrace is a source as it is, and stays open.

local trace = require "pymalloc.trace"

local M = {}

local function is_loaded(given)
  return type(given) == "userdata" and getmetatable(given) == "pymalloc.LoadedTrace"
end

--- Checks a trace of a plan; a wrong one raises a message.
-- @param needs_text must it be readable once more? Measures of summaries replay it
function M.check(given, needs_text)
  if is_loaded(given) then
    if needs_text then
      error("pymalloc: experiment: functions and fields of a summary need a path or a trace, got "
        .. "a loaded trace", 0)
    end
    return given.requests -- raises an error if it is closed
  end
  trace.source(given, "experiment")
end

local function whole_name(given)
  local name = given
  if type(given) == "table" then
    name = given.name or given.path or "text"
  elseif is_loaded(given) then
    name = given.name or "text"
  end
  return tostring(name)
end

-- The file's name without its folder and ".trace" or ".ptrace".
local function short_name(given)
  return (whole_name(given):gsub("^.*/", ""):gsub("%.p?trace.*$", ""))
end

local function count_of(names)
  local count = {}
  for _, name in ipairs(names) do
    count[name] = (count[name] or 0) + 1
  end
  return count
end

--- The names of traces in a table, which differ: short ones; where these are equal, whole ones;
-- where these are equal too, with a number behind them.
function M.names(list)
  local names = {}
  for i, given in ipairs(list) do
    names[i] = short_name(given)
  end
  local count = count_of(names)
  for i, given in ipairs(list) do
    names[i] = count[names[i]] > 1 and whole_name(given) or names[i]
  end
  count = count_of(names)
  local number = {}
  for i, name in ipairs(names) do
    number[name] = (number[name] or 0) + 1
    names[i] = count[name] > 1 and ("%s #%d"):format(name, number[name]) or name
  end
  return names
end

-- The numbers of the interpreters of a trace other than 0, in ascending order; or nil and a
-- message. Only a replay knows them.
local function other_interpreters(given)
  local content, is_text = trace.source(given, "experiment")
  local summary, problem = (is_text and trace.replay_text or trace.replay_file)(content)
  if not summary then
    return nil, problem
  end
  local numbers = {}
  for i, other in ipairs(summary.interpreters or {}) do
    numbers[i] = other.interpreter
  end
  return numbers
end

local function add(sources, given, name, number)
  local loaded, problem = trace.loaded(given, { interpreter = number })
  if not loaded then
    return nil, problem
  end
  table.insert(sources, { name = number == 0 and name or ("%s, interpreter %d"):format(name,
    number), trace = given, loaded = loaded, interpreter = number ~= 0 and number or nil,
    shared = sources.shared })
  return loaded
end

--- Frees the requests of sources.
function M.close(sources)
  for _, source in ipairs(sources) do
    if not source.is_borrowed then
      source.loaded:close()
    end
  end
end

--- Reads a trace, which is called `name`. Returns an array of sources, one for each
-- interpreter, which M.close or <close> frees; or nil and a message.
function M.open(given, name)
  local sources = setmetatable({ shared = {} }, { __close = M.close })
  if is_loaded(given) then
    sources[1] = { name = name, loaded = given, is_borrowed = true, shared = sources.shared }
    return sources
  end
  local loaded, problem = add(sources, given, name, 0)
  local numbers = {}
  if loaded and loaded.left_out > 0 then
    numbers, problem = other_interpreters(given)
  end
  for _, number in ipairs(numbers or {}) do
    loaded, problem = add(sources, given, name, number)
    if not loaded then
      break
    end
  end
  if not loaded or not numbers then
    M.close(sources)
    return nil, problem
  end
  return sources
end

return M
