-- A screen without a terminal: it gets its keys from the option --keys, and keeps each picture
-- that is shown, as a frame.

local keys = require "pymalloc.cli.step.keys"

local M = {}

local ROWS, COLUMNS, KEYS_MOST = 26, 80, 40

local names = { space = " " }

-- The key and the answer of "n", "space" or "e:pool_full"; nil for anything else.
local function read_key(written)
  local key, answer = written:match("^(.[^:]*):(.*)$")
  key = key or written
  key = names[key] or key
  return keys.actions[key] and { name = written, key = key, answer = answer } or nil
end

--- The converter of --keys: keys as the help names them, with spaces between them. Behind a colon
-- stands what is typed after the key.
function M.read_keys(given)
  local list = {}
  for written in given:gmatch("%S+") do
    local key = read_key(written)
    if not key then
      return nil, ("option '--keys' takes keys such as 'n n e:pool_full h', got '%s'"):format(
        written)
    end
    table.insert(list, key)
  end
  if #list == 0 or #list > KEYS_MOST then
    return nil, ("option '--keys' takes 1 to %d keys, got %d"):format(KEYS_MOST, #list)
  end
  return list
end

--- A screen that the keys drive. Its field frames has for each picture the lines, the bottom line
-- and the name of the key that led to it.
function M.new(list)
  local screen = { frames = {}, rows = ROWS, columns = COLUMNS }
  local number = 0

  function screen.size()
    return ROWS, COLUMNS
  end

  function screen.show(lines, bottom)
    local last = list[number]
    table.insert(screen.frames, { lines = lines, bottom = bottom, key = last and last.name })
  end

  function screen.key()
    number = number + 1
    return list[number] and list[number].key or "q"
  end

  function screen.ask()
    return list[number].answer or ""
  end

  return screen
end

return M
