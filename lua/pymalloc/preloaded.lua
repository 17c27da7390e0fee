-- Libraries that LD_PRELOAD loads into another program: where they are, and the path that
-- LD_PRELOAD can have.

local core = require "pymalloc.core"
local packed = require "pymalloc.packed"

local M = {}

--- The absolute form of a path.
function M.absolute(path)
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
  return M.absolute(path)
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
  local link = setmetatable({ path = M.absolute(path) }, { __close = remove })
  if is_loadable(link.path)
    and os.execute(("ln -sf -- %s %s"):format(packed.quote(library), packed.quote(path))) then
    return link
  end
  remove(link)
  return nil, ("LD_PRELOAD cannot have the path of the library, %s: it has a space or a colon, and "
    .. "the path of the folder of temporary files has one too"):format(library)
end

return M
