-- Runs the Lua text of an answer in an environment of its own: the names that it sets, and
-- what it changes in the tables of the standard library, are not those of this program.

local M = {}

local function copy(t)
  local copied = {}
  for name, value in pairs(t) do
    copied[name] = value
  end
  return copied
end

-- Raised by os.exit: an answer does not end the lesson.
local function no_exit()
  error("os.exit cannot be used in an answer: return a value", 2)
end

local function environment()
  local names = copy(_G)
  for name, value in pairs(names) do
    if type(value) == "table" and package.loaded[name] == value then
      names[name] = copy(value)
    end
  end
  names._G = names
  names.os.exit = no_exit
  function names.load(chunk, name, mode, env)
    return load(chunk, name, mode, env or names)
  end
  function names.loadfile(path, mode, env)
    return loadfile(path, mode, env or names)
  end
  function names.dofile(path)
    return assert(loadfile(path, nil, names))()
  end
  return names
end

-- The value that a Lua text returns; nil and the reason if it does not compile, raises an
-- error or returns nothing. `name` is that of the chunk, as for load.
function M.run(text, name)
  local chunk, reason = load(text, name, "t", environment())
  if not chunk then
    return nil, reason
  end
  local ok, answer = pcall(chunk)
  if not ok then
    return nil, tostring(answer)
  elseif answer == nil then
    return nil, "it returns nothing"
  end
  return answer
end

return M
