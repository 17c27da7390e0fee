-- Runs a program with the recorder's library preloaded.

local core = require "pymalloc.core"
local packed = require "pymalloc.packed"

local M = {}

local SIGNAL_BASE = 128

-- The absolute form of a path.
local function absolute(path)
  if path:sub(1, 1) == "/" then
    return path
  end
  local pipe <close> = assert(io.popen("pwd"))
  return pipe:read("a"):gsub("\n$", "") .. "/" .. path
end

--- The absolute path of a library, which is in the folder of the C module; or nil and a message.
function M.library(name)
  local path = package.searchpath(name, package.cpath)
  if not path then
    return nil, ("the library %s.so is missing: it is built with the GNU C library only, and not "
      .. "with sanitizers"):format(name:gsub("%.", "/"))
  end
  return absolute(path)
end

-- Spaces and colons separate the paths in LD_PRELOAD.
local function is_loadable(path)
  return not path:find("[ :]")
end

local function remove(link)
  core.output.remove(link.path)
end

--- A path of the library that LD_PRELOAD can have, in a table with the field path for a variable
-- marked <close>: a link in the folder of temporary files where its own has a space or a colon. Or
-- nil and a message.
function M.link(library)
  if is_loadable(library) then
    return setmetatable({ path = library }, { __close = function() end })
  end
  local path, problem = core.output.scratch()
  if not path then
    return nil, problem
  end
  local link = setmetatable({ path = absolute(path) }, { __close = remove })
  if is_loadable(link.path)
    and os.execute(("ln -sf -- %s %s"):format(packed.quote(library), packed.quote(path))) then
    return link
  end
  remove(link)
  return nil, ("LD_PRELOAD cannot have the path of the library, %s: it has a space or a colon, and "
    .. "so has that of the folder of temporary files"):format(library)
end

local function quoted(words)
  local list = {}
  for i, word in ipairs(words) do
    list[i] = packed.quote(word)
  end
  return table.concat(list, " ")
end

-- The variables of the environment that the recorder reads.
local function environment(plan, library, log)
  local others = os.getenv("LD_PRELOAD") or ""
  local words = { "PYMALLOC_RECORD=" .. packed.quote(absolute(log)),
    "LD_PRELOAD=" .. packed.quote(library .. (others ~= "" and ":" .. others or "")) }
  if plan.depth then
    table.insert(words, "PYMALLOC_RECORD_DEPTH=" .. plan.depth)
  end
  if plan.each then
    table.insert(words, "PYMALLOC_RECORD_EACH=1")
  end
  return table.concat(words, " ")
end

--- Runs the words of a plan with the library of that path preloaded and the path of a log. The plan
-- may have unset, an environment variable that is not passed on; depth, the number of frames of
-- call stacks; and each, to record every process. Returns the exit code, and whether the program
-- was ended by a signal that this process got too, such as Ctrl-C.
function M.run(plan, library, log)
  local line = ("%s%s exec %s"):format(plan.unset and "unset " .. plan.unset .. "; " or "",
    environment(plan, library, log), quoted(plan.words))
  io.stdout:flush()
  local how, code, signal = core.process.execute(line)
  return how == "signal" and SIGNAL_BASE + code or code, how == "signal" and signal ~= nil
end

return M
