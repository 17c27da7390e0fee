local capture = require "pymalloc.attach.capture"
local live = require "spec.support.live_python"
local locate = require "pymalloc.attach.locate"
local pools = require "pymalloc.attach.pool"
local process = require "pymalloc.attach.process"
local profiles = require "pymalloc.attach.profile"
local python = require "pymalloc.attach.python"

local GEOMETRY = profiles.geometry(11, 32)
local ADDRESS, SLOT = 1 << 30, 3

-- The bytes of a pool of class 1 with three carved blocks, of which the first is free. Its header
-- says that `live_count` blocks are live.
local function pool_bytes(live_count)
  local free = ADDRESS + 48
  local header = string.pack("<I4xxxxI8I8I8I4I4I4I4", live_count, free, 0, 0, SLOT, 1, 48 + 3 * 32,
    GEOMETRY.pool_bytes - 32)
  return header .. ("\0"):rep(GEOMETRY.pool_bytes - #header)
end

-- A memory whose reads return these texts one after the other, and then always the last one.
local function memory_of(texts)
  local count = 0
  return {
    read = function()
      count = count + 1
      return texts[math.min(count, #texts)]
    end,
  }
end

-- Reads a pool that is first read as `first`, and then as each of the others.
local function read(first, others)
  return pools.read(memory_of(others), first, 0, ADDRESS, GEOMETRY, SLOT)
end

describe("a pool of a process", function()
  it("is taken as it is read if its numbers fit together", function()
    local record = read(pool_bytes(2), {})
    assert.same({ 2, { 48 }, "used", 32 }, { record.ref_count, record.free, record.state,
      record.size })
    assert.is_nil(record.fault)
  end)

  it("is read again if they do not", function()
    local record = read(pool_bytes(1), { pool_bytes(3), pool_bytes(1), pool_bytes(2) })
    assert.is_nil(record.fault)
    assert.equal(2, record.ref_count)
  end)

  it("has a fault if it stays wrong with the same header", function()
    local record = read(pool_bytes(1), { pool_bytes(1) })
    assert.same({ invariant = "pool.count",
      message = "1 live and 1 free blocks, but 3 were carved" }, record.fault)
    assert.is_nil(record.is_torn)
  end)

  it("is torn if it is wrong each time, with another header", function()
    local record = read(pool_bytes(1), { pool_bytes(3), pool_bytes(1), pool_bytes(3),
      pool_bytes(1), pool_bytes(3), pool_bytes(1), pool_bytes(3), pool_bytes(1) })
    assert.is_true(record.is_torn)
  end)

  it("may be unmapped while it is read again", function()
    local record = read(pool_bytes(1), {})
    assert.equal("pool.count", record.fault.invariant)
  end)
end)

describe("a reading of a process", function()
  local any = live.any(7)
  if not any then
    return pending("needs a python3 from 3.7 to 3.14, in PYTHON, on PATH or in ~/.pyenv/versions")
  end
  local sleeper, memory, source

  setup(function()
    sleeper = live.run(any, 'import signal, sys\nsys.stderr.write("ready")\nsignal.pause()')
    memory = assert(process.open(sleeper.pid))
    local found = assert(python.find(memory))
    local minor = assert(profiles.minor(found.version))
    local state = assert(locate.main(memory, found, minor))
    source = { used = state.used, addresses = state.addresses,
      geometry = profiles.geometry(minor, state.used.class_count), progress = function() end }
  end)

  teardown(function()
    memory:close()
    getmetatable(sleeper).__close(sleeper)
  end)

  -- Takes the state through a memory that changes the last byte of this many readings of headers.
  local function take(changes)
    source.memory = { maps = memory.maps }
    function source.memory.read(_, address, count)
      local bytes = memory:read(address, count)
      if bytes and count == 48 and changes > 0 then
        changes = changes - 1
        return bytes:sub(1, 47) .. string.char(bytes:byte(48) ~ 1)
      end
      return bytes
    end
    return capture.take(source)
  end

  it("ends after one pass in which nothing changed", function()
    local taken = take(0)
    assert.same({ 0, 1 }, { taken.changed, taken.passes })
  end)

  it("has another pass if a pool changed", function()
    local taken = take(1)
    assert.same({ 0, 2 }, { taken.changed, taken.passes })
  end)

  it("ends after five passes, and counts the pools that changed in the last one", function()
    local taken, pool_count = take(math.maxinteger), 0
    for _, arena in pairs(taken.arenas) do
      pool_count = pool_count + #arena.pools
    end
    assert.same({ pool_count, 5 }, { taken.changed, taken.passes })
  end)
end)
