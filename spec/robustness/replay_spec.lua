-- A replay has a process, a descriptor, a heap and blocks, and calls functions of
-- the script. These specs test that nothing is left however the replay ends.
local core = require "pymalloc.core"
local lfs = require "lfs"

local command = require "spec.support.command"

local replay_file, replay_text = core.trace.replay_file, core.trace.replay_text

local TRACE = "traces/cpython-json.trace.xz" -- 915,642 requests

local function descriptor_count()
  local count = 0
  for _ in lfs.dir("/proc/self/fd") do
    count = count + 1
  end
  return count
end

local function child_count()
  local pid = lfs.symlinkattributes("/proc/self", "target")
  local children = command.read(("/proc/self/task/%s/children"):format(pid))
  return select(2, children:gsub("%d+", ""))
end

-- Returns the number of kibibytes in a line of /proc/self/status.
local function memory(field)
  return tonumber(command.read("/proc/self/status"):match(field .. ":%s*(%d+) kB"))
end

-- Calls the function, and asserts that it leaves no descriptor and no process.
local function leaves_nothing(action)
  local descriptors, children = descriptor_count(), child_count()
  action()
  assert.equal(descriptors, descriptor_count())
  assert.equal(children, child_count())
end

local function fail()
  error({ reason = "of the script" })
end

local function assert_raises_reason(options)
  local ok, raised = pcall(replay_file, TRACE, options)
  assert.is_false(ok)
  assert.equal("of the script", raised.reason)
end

describe("a replay leaves nothing behind", function()
  it("when it ends", function()
    leaves_nothing(function()
      assert(replay_file(TRACE))
    end)
  end)

  it("when its progress function raises an error, which is passed on", function()
    leaves_nothing(function()
      assert_raises_reason({ progress = fail })
    end)
  end)

  it("when its output function raises an error, which is passed on", function()
    leaves_nothing(function()
      assert_raises_reason({ output = fail, placements = true })
      assert_raises_reason({ output = fail, dump_every = 100000 })
    end)
  end)

  it("when its progress function returns false", function()
    local calls = 0
    leaves_nothing(function()
      local summary = replay_file(TRACE, {
        progress = function(request_count)
          calls = calls + 1
          return request_count < 300000
        end,
      })
      assert.is_true(summary.stopped)
      assert.equal(300000, summary.requests)
      assert.equal(3, calls)
    end)
  end)

  it("when the trace has an invalid line in the middle", function()
    local pipe = io.popen("(xz -dc " .. TRACE .. " | head -n 100000; echo q; yes 'f 1' | "
      .. "head -n 900000) | gzip -1")
    local file <close> = command.file(pipe:read("a"), ".gz")
    pipe:close()
    leaves_nothing(function()
      local _, message = replay_file(file.path)
      assert.matches(":100001: expected a line", message)
    end)
  end)

  it("when its options are invalid", function()
    leaves_nothing(function()
      assert.is_false(pcall(replay_file, TRACE, { heap = { alignment = 7 } }))
      assert.is_false(pcall(replay_file, TRACE, { dump = true }))
    end)
  end)

  it("when blocks are live at the end of the trace, also raw ones", function()
    local before = memory("VmSize")
    for _ = 1, 40 do
      assert(replay_text("a 1 67108864\na 2 8\n")) -- 64 MiB, no page of which is written
    end
    assert.is_true(memory("VmSize") - before < 1024 * 1024)
  end)
end)

describe("the output of a replay", function()
  local function write_to(output)
    return replay_text("a 1 8\n", { placements = true, output = output })
  end

  it("may be a file, or a table with a method 'write'", function()
    local file = assert(io.tmpfile())
    assert(write_to(file))
    file:seek("set")
    assert.equal("1 a 1 0:0:48\n", file:read("a"))

    local written = {}
    assert(write_to({ write = function(_, text) table.insert(written, text) end }))
    assert.same({ "1 a 1 0:0:48\n" }, written)
  end)

  it("that returns an error ends the replay with this error", function()
    local summary, message, kind = write_to(setmetatable({}, {
      __index = { write = function() return nil, "no space" end },
    }))
    assert.is_nil(summary)
    assert.equal("the output cannot be written: no space", message)
    assert.equal("write", kind)
  end)

  it("that is closed raises the file's own error", function()
    local file = assert(io.tmpfile())
    file:close()
    assert.has_error(function() write_to(file) end, "attempt to use a closed file")
  end)

  it("that has no method 'write' and is not a function is an error", function()
    assert.has_error(function() write_to({}) end,
      "pymalloc: replay: output has no method 'write'")
    assert.has_error(function() write_to("name") end,
      "pymalloc: replay: output must be a file or a function, got a string")
  end)
end)

describe("the functions of a replay", function()
  it("may replay", function()
    local inner
    local outer = assert(replay_text(("a 1 8\nf 1\n"):rep(60000), {
      progress = function()
        inner = inner or assert(replay_text("a 1 8\n"))
      end,
    }))
    assert.equal(1, inner.requests)
    assert.equal(120000, outer.requests)
  end)

  it("may not yield", function()
    local thread = coroutine.create(function()
      return replay_text("a 1 8\n", { placements = true, output = coroutine.yield })
    end)
    local ok, message = coroutine.resume(thread)
    assert.is_false(ok)
    assert.equal("attempt to yield across a C-call boundary", message)
  end)

  -- Clears the trace, the options and the text on the stack of the replay.
  local function clear(level)
    for slot = 1, 3 do
      debug.setlocal(level + 1, slot, nil)
    end
    collectgarbage()
  end

  it("may clear the stack of the replay", function()
    local calls = 0
    local summary = assert(replay_text(("a 1 8\nf 1\n"):rep(60000), { progress = function()
      calls = calls + 1
      clear(2)
    end }))
    assert.equal(120000, summary.requests)
    assert.equal(1, calls)
  end)

  it("may remove the text for the output from the stack, which is an error", function()
    local ok, message = pcall(replay_text, ("a 1 8\nf 1\n"):rep(60000), { placements = true,
      output = function() clear(3) end })
    assert.is_false(ok)
    assert.equal("pymalloc: pymalloc.ReplayText expected, got nil", message)
  end)

  it("may be called with arguments that a hook changes, which is an error", function()
    local changed = 0
    local function change()
      local caller = debug.getinfo(3, "f")
      if caller and caller.func == replay_text then
        for slot = 2, 3 do
          changed = changed + (debug.setlocal(2, slot, 1 << 40) and 1 or 0)
        end
      end
    end
    debug.sethook(change, "c")
    local ok, message = pcall(replay_text, "a 1 8\n", { placements = true, output = print })
    debug.sethook()
    assert.is_false(ok)
    assert.matches("pymalloc.ReplayText expected", message)
    assert.is_true(changed > 0)
  end)
end)

describe("the arguments of a replay", function()
  local function refuses(message, options)
    assert.has_error(function() replay_text("", options) end, "pymalloc: " .. message)
  end

  it("include options, whose names, types and limits are checked", function()
    refuses("replay: options must be a table, got 2", 2)
    local allowed =
      " (allowed: heap, placements, dump_every, dump, stats, arena_map, output, progress)"
    refuses("replay: unknown option 'dumps'" .. allowed, { dumps = true })
    refuses("replay: unknown option 1" .. allowed, { "dump" })
    refuses("replay: dump must be true or false, got 1", { dump = 1 })
    refuses("replay: progress must be a function, got 3", { progress = 3 })
    refuses("replay: output is missing: where are placements, dumps and reports to go?",
      { stats = true })
  end)

  it("include dump_every, which is an integer from 1 on", function()
    assert(replay_text("a 1 8\n", { dump_every = 1, output = function() end }))
    assert(replay_text("a 1 8\n", { dump_every = math.maxinteger, output = function() end }))
    for _, wrong in ipairs { 0, -1, 1.5, "1" } do
      assert.is_false(pcall(replay_text, "", { dump_every = wrong, output = function() end }))
    end
  end)

  it("include a path or a text, which must be a string", function()
    assert.has_error(function() replay_file(nil) end,
      "pymalloc: replay: the path must be a string without zero bytes, got nil")
    assert.has_error(function() replay_file("a\0b") end,
      "pymalloc: replay: the path must be a string without zero bytes, got a string")
    assert.has_error(function() replay_text(1) end,
      "pymalloc: replay: the text must be a string, got 1")
  end)
end)
