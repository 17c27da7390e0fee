-- The state of the model as text: the totals, the dump and the report.

local M = {}

local function open_arenas(model)
  local list = {}
  for slot = 0, model.maxarenas - 1 do
    if model.arenas[slot].open then
      table.insert(list, model.arenas[slot])
    end
  end
  return list
end

-- {=== Totals

local function class_totals(model)
  local classes = {}
  for szidx = 0, model.class_count - 1 do
    classes[szidx] = { pools = 0, live = 0, available = 0 }
  end
  for _, arena in ipairs(open_arenas(model)) do
    for _, pool in ipairs(arena.pools) do
      if pool.count > 0 then
        local class = classes[pool.szidx]
        class.pools = class.pools + 1
        class.live = class.live + pool.count
        class.available = class.available + model:capacity(pool.szidx) - pool.count
      end
    end
  end
  return classes
end

-- All numbers of the report, by the field names of the C struct pym_stats; and
-- `classes`, a table of each class's pools, live blocks and available blocks.
function M.stats(model)
  local geometry = model.geometry
  local stats = {
    arenas_allocated_total = model.total,
    arenas_reclaimed = model.total - model.current,
    arenas_highwater = model.highwater,
    arenas_current = model.current,
    arena_slots = model.maxarenas,
    blocks = model.blocks,
    raw_blocks = model.raw_blocks,
    allocated_bytes = 0,
    available_bytes = 0,
    unused_pools = 0,
    header_bytes = 0,
    quantization_bytes = 0,
    alignment_bytes = 0,
    hops = model.hops,
    classes = class_totals(model),
  }
  local function add(name, amount)
    stats[name] = stats[name] + amount
  end
  for szidx, class in pairs(stats.classes) do
    local bytes = model:block_bytes(szidx)
    local waste = geometry.pool_bytes - model.header_bytes - model:capacity(szidx) * bytes
    add("allocated_bytes", class.live * bytes)
    add("available_bytes", class.available * bytes)
    add("header_bytes", class.pools * model.header_bytes)
    add("quantization_bytes", class.pools * waste)
  end
  for _, arena in ipairs(open_arenas(model)) do
    add("unused_pools", arena.nfreepools)
    add("alignment_bytes", geometry.arena_bytes - arena.ntotalpools * geometry.pool_bytes)
  end
  stats.unused_pool_bytes = stats.unused_pools * geometry.pool_bytes
  stats.arena_bytes = model.current * geometry.arena_bytes
  return stats
end

-- {=== The dump

local function join(words, list, word_of)
  for _, element in ipairs(list) do
    table.insert(words, tostring(word_of and word_of(element) or element))
  end
  return table.concat(words, " ")
end

local function pool_name(pool)
  return pool.arena.slot .. ":" .. pool.offset
end

local function slot_name(arena)
  return arena and arena.slot or "-"
end

local function neighbours(list, wanted)
  for i, element in ipairs(list) do
    if element == wanted then
      return { next = list[i + 1], prev = list[i - 1] }
    end
  end
end

local function pool_line(pool)
  local state = pool.count == 0 and "empty" or #pool.chain == 0 and "full" or "used"
  local line = "pool %s count=%d szidx=%d nextoffset=%d maxnextoffset=%d arenaindex=%d %s free"
  return join({ line:format(pool_name(pool), pool.count, pool.szidx, pool.nextoffset,
    pool.maxnextoffset, pool.arena.slot, state) }, pool.chain)
end

local function closed_arena_line(model, arena)
  local place = neighbours(model.unused, arena.slot)
  return ("arena %d free next=%s"):format(arena.slot, place.next or "-")
end

local function arena_line(model, arena)
  local place = neighbours(model.usable, arena)
  local links = place and ("next=%s prev=%s"):format(slot_name(place.next), slot_name(place.prev))
  local line = "arena %d pool_address=%d nfreepools=%d ntotalpools=%d %s freepools"
  return join({ line:format(arena.slot, #arena.pools * model.geometry.pool_bytes,
    arena.nfreepools, arena.ntotalpools, links or "full") }, arena.freepools, pool_name)
end

local function arena_lines(model, lines)
  for slot = 0, model.maxarenas - 1 do
    local arena = model.arenas[slot]
    if not arena.open then
      table.insert(lines, closed_arena_line(model, arena))
    else
      table.insert(lines, arena_line(model, arena))
      for _, pool in ipairs(arena.pools) do
        table.insert(lines, pool_line(pool))
      end
    end
  end
end

local function class_lines(model, lines)
  for szidx = 0, model.class_count - 1 do
    local pools = model.usedpools[szidx]
    if #pools > 0 then
      local head = ("class %d size=%d used"):format(szidx, model:block_bytes(szidx))
      table.insert(lines, join({ head }, pools, pool_name))
    end
  end
end

-- The dump: the lines between STATE and END.
function M.dump(model)
  local lines = {
    ("globals maxarenas=%d current=%d total=%d highwater=%d blocks=%d"):format(
      model.maxarenas, model.current, model.total, model.highwater, model.blocks),
    join({ "usable" }, model.usable, slot_name),
    join({ "unused" }, model.unused),
  }
  arena_lines(model, lines)
  class_lines(model, lines)
  return table.concat(lines, "\n") .. "\n"
end

-- {=== The report

local function with_commas(number)
  local digits = tostring(number)
  local head = digits:sub(1, (#digits - 1) % 3 + 1)
  return head .. digits:sub(#head + 1):gsub("%d%d%d", ",%0")
end

local function value_line(label, value)
  return ("%-35s=%21s"):format(label, with_commas(value))
end

local function class_rows(model, classes)
  local rows = {}
  for szidx = 0, model.class_count - 1 do
    local class = classes[szidx]
    if class.pools > 0 then
      table.insert(rows, ("%5d %6d %11d %15d %13d"):format(szidx, model:block_bytes(szidx),
        class.pools, class.live, class.available))
    end
  end
  return rows
end

-- The text of sys._debugmallocstats(), without the section on the arena map.
function M.report(model)
  local stats, geometry = M.stats(model), model.geometry
  local lines = {
    ("Small block threshold = %d, in %d size classes."):format(
      geometry.threshold, model.class_count),
    "",
    "class   size   num pools   blocks in use  avail blocks",
    "-----   ----   ---------   -------------  ------------",
  }
  join(lines, class_rows(model, stats.classes))
  local function say(label, value)
    table.insert(lines, value_line(label, value))
  end
  table.insert(lines, "")
  say("# arenas allocated total", stats.arenas_allocated_total)
  say("# arenas reclaimed", stats.arenas_reclaimed)
  say("# arenas highwater mark", stats.arenas_highwater)
  say("# arenas allocated current", stats.arenas_current)
  say(("%d arenas * %d bytes/arena"):format(stats.arenas_current, geometry.arena_bytes),
    stats.arena_bytes)
  table.insert(lines, "")
  say("# bytes in allocated blocks", stats.allocated_bytes)
  say("# bytes in available blocks", stats.available_bytes)
  say(("%d unused pools * %d bytes"):format(stats.unused_pools, geometry.pool_bytes),
    stats.unused_pool_bytes)
  say("# bytes lost to pool headers", stats.header_bytes)
  say("# bytes lost to quantization", stats.quantization_bytes)
  say("# bytes lost to arena alignment", stats.alignment_bytes)
  say("Total", stats.arena_bytes)
  return table.concat(lines, "\n") .. "\n"
end

return M
