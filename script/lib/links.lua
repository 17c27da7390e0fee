-- Reads with nm which functions and variables the object files use of each other.
local tree = dofile((arg[0]:match("^(.*/)") or "./") .. "lib/tree.lua")

local M = {}

local DEFINED = "[BDRTVW]" -- the letters of nm for what other files may use

-- Calls visit(object, letter, symbol) for each symbol of the object files.
local function each_symbol(folder, visit)
  local command = "cd %s 2>/dev/null && find . -name '*.o' -exec nm -A {} + 2>/dev/null"
  local list <close> = io.popen(command:format(tree.quoted(folder)))
  for line in list:lines() do
    local object, letter, symbol = line:match("^%./(.-):[%x%s]*(%a) (.*)$")
    if object then
      visit(object, letter, symbol)
    end
  end
end

-- Returns the uses between object files of a folder: a list of
-- { user = "serve/alloc.c", symbol = "supply_pool", definer = "serve/supply.c" },
-- sorted by user and symbol. If there is no such folder, the list is empty. An object
-- file is ignored if is_source(name) is false for its name without ".o": a build keeps
-- the object files of sources that were removed.
function M.uses(folder, is_source)
  local definer, wanted, uses = {}, {}, {}
  each_symbol(folder, function(object, letter, symbol)
    local name = object:match("^(.*)%.o$")
    if not is_source(name) then
      return
    elseif letter:find(DEFINED) then
      definer[symbol] = name
    elseif letter == "U" then
      table.insert(wanted, { user = name, symbol = symbol })
    end
  end)
  for _, use in ipairs(wanted) do
    use.definer = definer[use.symbol]
    if use.definer then
      table.insert(uses, use)
    end
  end
  table.sort(uses, function(a, b)
    return a.user .. a.symbol < b.user .. b.symbol
  end)
  return uses
end

return M
