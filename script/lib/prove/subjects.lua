-- The subjects of script/prove: the files of proofs/wp and proofs/eva. The comment at the
-- head of a file begins with its title, and has lines such as
--
--   prove: pool_pop pool_give      functions whose contracts are proved (wp)
--   assume: block_link             functions whose contracts are used and not proved (wp)
--   sources: state/arena.c        files of csrc that are analysed with it
--   bound: lists of 4 arenas       how far the analysis goes (eva)
--   open: TEXT                    what was not shown
--   options: -slevel 1000          further options of Frama-C
--
-- A key may be repeated: its values are joined.

local tree = require "script.lib.tree"

local M = {}

local function values(comment, key)
  local list = {}
  for value in comment:gmatch("\n%*%* " .. key .. ": ([^\n]*)") do
    table.insert(list, value)
  end
  return table.concat(list, " ")
end

local function words(text)
  local list = {}
  for word in text:gmatch("%S+") do
    table.insert(list, word)
  end
  return list
end

-- Reads the head of a file.
local function subject(path)
  local comment = tree.read(path):match("^/%*(.-)%*/")
  local name = path:match("proofs/(.*)%.c$")
  return {
    path = path,
    name = name,
    method = name:match("^[^/]*"),
    title = comment:match("%*%* ([^\n]*)"),
    prove = words(values(comment, "prove")),
    assume = words(values(comment, "assume")),
    sources = words(values(comment, "sources")),
    bound = values(comment, "bound"),
    open = values(comment, "open"),
    options = values(comment, "options"),
  }
end

--- All subjects, ordered by name, those of wp first.
function M.all(root)
  local list = {}
  for _, method in ipairs { "wp", "eva" } do
    for _, path in ipairs(tree.files(root .. "/proofs/" .. method, "*.c")) do
      table.insert(list, subject(path))
    end
  end
  return list
end

--- The subjects of these names; all if no name is given.
function M.chosen(root, names)
  local list, by_name = M.all(root), {}
  if #names == 0 then
    return list
  end
  for _, each in ipairs(list) do
    by_name[each.name] = each
  end
  local chosen = {}
  for _, name in ipairs(names) do
    if not by_name[name] then
      error(("no proof is called '%s' (see --list)"):format(name), 0)
    end
    table.insert(chosen, by_name[name])
  end
  return chosen
end

return M
