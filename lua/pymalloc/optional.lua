-- Lua modules that only parts of pymalloc need. They are loaded where they are used, so that
-- everything else works without them.

local M = {}

-- Each module, with the rock and the package of Debian that have it.
local sources = {
  argparse = { rock = "argparse", package = "lua-argparse" },
  dkjson = { rock = "dkjson", package = "lua-dkjson" },
  ["luassert.assert"] = { rock = "luassert", package = "lua-luassert" },
  say = { rock = "say", package = "lua-say" },
}

local HEAD = "pymalloc: the Lua module "

-- The first line of an error, without what "error loading module 'x'" adds in more lines.
local function first_line(problem)
  return (tostring(problem):match("^[^\n]*"):gsub("[:%s]+$", ""))
end

local function is_not_found(name, problem)
  return type(problem) == "string" and problem:find(("module '%s' not found"):format(name), 1, true)
end

-- The module of that name. Otherwise raises a sentence that names the module and the ways to
-- install it, or says why it cannot be loaded.
function M.load(name)
  local found = package.loaded[name]
  if found then
    return found
  end
  local ok, result = pcall(require, name)
  if ok then
    return result
  elseif not is_not_found(name, result) then
    error(("%s'%s' cannot be loaded: %s"):format(HEAD, name, first_line(result)), 0)
  end
  local source = sources[name]
  error(("%s'%s' is missing: install it with 'luarocks --lua-version=%s install %s', or on Debian "
    .. "and Ubuntu with 'apt-get install %s'"):format(HEAD, name, _VERSION:match("[%d.]+$"),
    source.rock, source.package), 0)
end

-- Is the error one that load has raised?
function M.is_raised(problem)
  return type(problem) == "string" and problem:sub(1, #HEAD) == HEAD
end

return M
