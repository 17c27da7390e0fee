-- The traces of an experiment: each is read into memory once, and each of its interpreters is
-- a source for designs.

local trace = require "pymalloc.trace"

local M = {}

--- The name of a trace in a table: the file's name without its folder and ".trace" or ".ptrace".
function M.name(given)
  local name = type(given) == "table" and (given.name or given.path) or given
  return (tostring(name):gsub("^.*/", ""):gsub("%.p?trace.*$", ""))
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

local function add(sources, given, number)
  local loaded, problem = trace.loaded(given, { interpreter = number })
  if not loaded then
    return nil, problem
  end
  local name = M.name(given)
  table.insert(sources, { name = number == 0 and name or ("%s, interpreter %d"):format(name,
    number), trace = given, loaded = loaded, interpreter = number ~= 0 and number or nil,
    shared = sources.shared })
  return loaded
end

--- Reads a trace. Returns an array of sources, one for each interpreter, which M.close frees;
-- or nil and a message.
function M.open(given)
  local sources = { shared = {} }
  local loaded, problem = add(sources, given, 0)
  local numbers = {}
  if loaded and loaded.left_out > 0 then
    numbers, problem = other_interpreters(given)
  end
  for _, number in ipairs(numbers or {}) do
    loaded, problem = add(sources, given, number)
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

--- Frees the requests of sources.
function M.close(sources)
  for _, source in ipairs(sources) do
    source.loaded:close()
  end
end

return M
