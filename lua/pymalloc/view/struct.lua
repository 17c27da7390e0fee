-- Draws the header of a pool, or the arena object of an arena, as CPython's struct in C, with the
-- value of each field beside its declaration.

local pool_view = require "pymalloc.view.pool"
local structs = require "pymalloc.page.structs"

local M = { drawers = {} }

local VALUE_COLUMN = 38

local function slot_text(slot)
  return slot and "arena " .. slot or "NULL"
end

local function pool_values(pool)
  local values = {}
  for _, field in ipairs(pool_view.fields(pool)) do
    values[field[1]] = field[2] == "-" and "NULL" or field[2]
  end
  return values
end

-- The values of an arena object. Pools are given by their places, which count from the first pool.
local function arena_values(arena, heap)
  local address, pool_bytes = arena.address or 0, heap.geometry.pool_bytes
  local first = (address + pool_bytes - 1) // pool_bytes * pool_bytes
  local function place(pool_address)
    return pool_address and ("%d:%d"):format(arena.index, pool_address - first) or "NULL"
  end
  local values = { address = address == 0 and "0" or ("0x%x"):format(address) }
  for _, name in ipairs { "nfreepools", "ntotalpools" } do
    values[name] = tostring(arena[name] or 0)
  end
  values.pool_address, values.freepools = place(arena.pool_address), place(arena.freepools)
  values.nextarena, values.prevarena = slot_text(arena.nextarena), slot_text(arena.prevarena)
  return values
end

-- Adds a line of C and the value of its field, which is below it if there is no room beside it.
local function add_field(canvas, code, value)
  local beside = canvas.pad(code, VALUE_COLUMN) .. value
  if canvas.columns(beside) <= canvas.width then
    return canvas:add(beside)
  end
  canvas:add(code)
  canvas:add((" "):rep(8) .. value)
end

local function draw(canvas, name, values, profile)
  for _, line in ipairs(structs.text(name, profile).lines) do
    local code = line.text:gsub("%s*/%*.*$", "")
    if line.field then
      add_field(canvas, code, values[line.field])
    else
      canvas:add(code)
    end
  end
end

function M.drawers.Pool(canvas, pool, heap)
  canvas:title(pool_view.title(pool))
  draw(canvas, "pool_header", pool_values(pool), heap.geometry.profile)
end

function M.drawers.Arena(canvas, arena, heap)
  canvas:title(("arena %d, %s"):format(arena.index, arena.state))
  draw(canvas, "arena_object", arena_values(arena, heap), heap.geometry.profile)
end

return M
