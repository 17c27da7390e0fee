local idmap = require("pymalloc_faults.replay").idmap

local LEAST = 64

-- Adds and removes random ids, each a multiple of `stride`, and compares the map
-- with a table.
local function compare(stride, id_count)
  local map, model = idmap(), {}
  for step = 1, 40000 do
    local id = math.random(id_count) * stride
    assert(map:find(id) == model[id])
    if not model[id] then
      assert(map:add(id, step))
      model[id] = step
    elseif math.random(3) > 1 then
      map:remove(id)
      model[id] = nil
    end
  end
  for id, bytes in pairs(model) do
    assert.equal(bytes, map:find(id))
    map:remove(id)
  end
  assert.equal(0, (map:size()))
end

local function filled(count)
  local map = idmap()
  for id = 1, count do
    assert(map:add(id, id))
  end
  return map
end

describe("the table of live ids", function()
  it("finds the ids that were added and not removed", function()
    math.randomseed(20)
    for _, id_count in ipairs { 10, 50, 2000 } do
      compare(1, id_count)
    end
  end)

  it("finds ids that differ in few bits", function()
    math.randomseed(21)
    for _, stride in ipairs { 64, 1 << 20, 1 << 40, 1 << 52, 0x61c8864680b583eb } do
      compare(stride, 1000)
    end
  end)

  it("has room for at least 4/3 of its ids, and for at most twice as many", function()
    for _, count in ipairs { 0, 47, 48, 49, 100, 1000, 100000 } do
      local held, capacity = filled(count):size()
      assert.equal(count, held)
      assert.is_true(capacity >= held * 4 // 3)
      assert.is_true(capacity <= math.max(LEAST, 2 * (held * 4 // 3 + 1)))
    end
  end)

  it("shrinks when ids are removed", function()
    local map = filled(100000)
    for id = 1, 99900 do
      map:remove(id)
    end
    local held, capacity = map:size()
    assert.equal(100, held)
    assert.is_true(capacity <= 8 * held)
    for id = 99901, 100000 do
      assert.equal(id, map:find(id))
      map:remove(id)
    end
    assert.equal(LEAST, (select(2, map:size())))
  end)

  it("does not grow if ids are added and removed", function()
    local map = idmap()
    for id = 1, 100000 do
      map:add(id, 1)
      if id > 40 then
        map:remove(id - 40)
      end
    end
    assert.equal(LEAST, (select(2, map:size())))
  end)
end)
