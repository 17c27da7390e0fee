-- Snapshots of PyTorch: what is read of a pickle, and pickles that are wrong or hostile.

local command = require "spec.support.command"
local imported = require("spec.support.imports").imported

local function assert_imports(format, text, expected, counts)
  local lines, notes = imported(text)
  assert.equal(expected, lines, notes)
  assert.equal(format, notes.format)
  for name, count in pairs(counts or {}) do
    assert.equal(count, notes[name], name)
  end
end

-- Imports a pickle, without its first two bytes.
local function import(operations)
  return imported("\x80\x02" .. operations, { format = "pytorch" })
end

local function assert_refused(problem, operations)
  local lines, message = import(operations)
  assert.is_nil(lines)
  assert.equal("text: " .. problem, message)
end

-- The snapshot of the specs as Python's pickle writes it: one request of device 1, one of
-- device 2 that is left out.
local function snapshot(protocol)
  local out = command.run(([[LD_PRELOAD= python3 -c '
import pickle, sys
frames = [{"filename": "/x/train.py", "line": 12, "name": "forward"},
          {"filename": "/x/main.py", "line": 3, "name": "main"}]
trace = [{"action": "segment_alloc", "addr": 4096, "size": 1 << 21, "frames": frames},
         {"action": "alloc", "addr": 1 << 47, "size": 512, "time_us": -1, "frames": frames},
         {"action": "free_requested", "addr": 1 << 47, "size": 512, "frames": []},
         {"action": "alloc", "addr": 5000, "size": 1 << 33, "frames": frames[1:]},
         {"action": "free_completed", "addr": 1 << 47, "size": 512, "frames": []}]
other = [{"action": "alloc", "addr": 1, "size": 1, "frames": []}]
value = {"segments": [], "device_traces": [[], trace, other], "settings": (None, True, 1.5, "x")}
sys.stdout.buffer.write(pickle.dumps(value, protocol=%d))']]):format(protocol))
  return out
end

describe("the importer of PyTorch's snapshots", function()
  local check = os.execute("command -v python3 >/dev/null") and it
    or function(title) pending(title .. ": python3 is missing") end

  check("reads pickles of the protocols 2 to 5", function()
    for protocol = 2, 5 do
      assert_imports("pytorch", snapshot(protocol), "w 1 0 main.py:3 main, "
        .. "w 2 1 train.py:12 forward, a 1 512 @2, a 2 8589934592 @1, f 1", { devices = 1 })
    end
  end)

  check("refuses each part of a pickle with a message", function()
    local whole = snapshot(4)
    local refused = 0
    for length = 20, #whole - 1, 7 do
      local lines, problem = imported(whole:sub(1, length), { format = "pytorch" })
      assert.is_nil(lines)
      assert.matches("^text: the pickle ", problem)
      refused = refused + 1
    end
    assert.is_true(refused > 50)
  end)

  it("executes nothing", function()
    assert_refused("the pickle has an object of a class, which is not read at byte 4",
      "cos\nsystem\nq\0X\4\0\0\0true\x85R.")
  end)

  it("survives random bytes", function()
    math.randomseed(7)
    for _ = 1, 3000 do -- seeded, so that a failure comes again
      local bytes = {}
      for i = 1, math.random(1, 40) do
        bytes[i] = string.char(math.random(0, 255))
      end
      local _, problem = imported("\x80\x04" .. table.concat(bytes), { format = "pytorch" })
      assert.equal("string", type(problem))
    end
  end)
end)

describe("the pickle of a snapshot", function()
  local function text(word) return ("<c1s4"):pack("X", word) end

  -- An event that allocates, with this operation for its stack.
  local function event(address, stack)
    return "}(" .. text "action" .. text "alloc" .. text "addr" .. ("<c1i4"):pack("J", address)
      .. text "size" .. "K\x08" .. text "frames" .. stack .. "u"
  end

  local function frame(name)
    return "}(" .. text "filename" .. text "a/b.py" .. text "line" .. "K\1" .. text "name"
      .. text(name) .. "u"
  end

  -- A snapshot of these events, whose memo has what is before them.
  local function traced(before, events)
    return before .. "}" .. text "device_traces" .. "](](" .. events .. "ees."
  end

  it("is refused where an operation lacks what it works on", function()
    for problem, operations in pairs {
      ["the pickle is cut off at byte 3"] = "",
      ["the pickle is cut off at byte 8"] = "X\xff\xff\xff\xff",
      ["the pickle is cut off at byte 12"] = "\x8d\xff\xff\xff\xff\xff\xff\xff\x7f",
      ["the pickle is cut off at byte 4"] = "\x8b",
      ["the pickle pops what is not there at byte 4"] = "0",
      ["the pickle pops what is not there at byte 6"] = "N(\x85",
      ["the pickle pops what is not there at byte 5"] = "N\x87",
      ["the pickle has no mark at byte 4"] = "u",
      ["the pickle adds to a value that is neither a list nor a dict at byte 6"] = "}Na",
      ["the pickle adds to a value that is neither a list nor a dict at byte 7"] = "]NNs",
      ["the pickle has a key without a value at byte 7"] = "}(Nu",
      ["the pickle has a key without a value at byte 6"] = "(Nd",
      ["the pickle has a gap in its memo at byte 6"] = "Nq\1",
      ["the pickle refers to what is not there at byte 5"] = "h\0",
      ["the pickle has an unknown operation at byte 4"] = "\0",
      ["the pickle changes its memo at byte 9"] = "Nq\0Nq\0",
      ["the pickle adds to a value of its memo at byte 10"] = "]q\0h\0Na",
    } do
      assert_refused(problem, operations)
    end
    assert_refused("the snapshot has no device_traces: record with _record_memory_history first",
      "N.")
    assert_refused("the text has no request", traced("", "N"))
  end)

  it("may have integers of any length, and frames that are none", function()
    local long = "}(" .. text "action" .. text "alloc" .. text "addr"
      .. "\x8a\9\0\1\0\0\0\0\0\x80\0" .. text "size" .. "\x8b\1\0\0\0\x10" .. text "frames"
      .. "NNNu"
    assert.equal("a 1 16", import(traced("", long)))
    assert.equal("w 1 0 frame 0, a 1 8 @1", import(traced("", event(64, "](Ne"))))
    assert.equal("w 1 0 nil:nil nil, a 1 8 @1", import(traced("", event(64, "](}e"))))
  end)

  it("may have two frames with the same text", function()
    local events = event(64, "](" .. frame "f" .. frame "f" .. "e")
      .. event(65, "](" .. frame "g" .. frame "f" .. frame "f" .. "e")
    assert.equal("w 1 0 b.py:1 f, w 2 1 b.py:1 f, a 1 8 @2, w 3 2 b.py:1 g, a 2 8 @3",
      (import(traced("", events))))
  end)

  it("may have stacks that begin with the same frames", function()
    local g, f, h = frame "g" .. "q\0", frame "f" .. "q\1", frame "h" .. "q\2"
    local events = event(64, "](" .. g .. f .. "e") .. event(65, "](" .. h .. "h\1e")
      .. event(66, "](h\1e") .. event(67, "](h\0h\1e") .. event(68, "]")
    assert.equal("w 1 0 b.py:1 f, w 2 1 b.py:1 g, a 1 8 @2, w 3 1 b.py:1 h, a 2 8 @3, a 3 8 @1, "
      .. "a 4 8 @2, a 5 8", (import(traced("", events))))
  end)

  it("may have lists and dicts that contain themselves", function()
    local lines = import(traced("", event(64, "]q\0(h\0h\0e")))
    assert.equal("w 1 0 frame 0, w 2 1 frame 0, a 1 8 @2", lines)
    assert_refused("the text has no request", traced("", "}q\0(" .. text "action" .. "h\0u"))
  end)

  it("may have values in tuples, in old lists and dicts, and values that are popped", function()
    local f, g = frame "f" .. "q\0", frame "g" .. "q\1"
    local lines = "w 1 0 b.py:1 g, w 2 1 b.py:1 f, a 1 8 @2, a 2 8 @2, a 3 8 @1"
    assert.equal(lines, (import(traced("", event(64, f .. g .. "\x86") .. event(65, "(h\0h\1l")
      .. event(66, "h\1\x85")))))
    assert.equal(lines, (import(traced("", event(64, "(" .. f .. g .. "t") .. event(65, "](h\0h\1e")
      .. event(66, "(h\1t")))))
    assert.equal(lines, (import(traced("", event(64, "](" .. f .. "N0" .. g .. "0h\1e")
      .. event(65, "h\0h\1\x86") .. event(66, "]h\1a(NN1")))))
    local old = "(" .. text "frames" .. "(h\0h\1t" .. text "addr" .. "K@" .. text "size" .. "K\8"
      .. text "action" .. text "alloc" .. "dq\2"
    assert.equal(lines, (import(traced("(" .. f .. g .. "1", "N0" .. old
      .. event(65, "h\0h\1\x86") .. event(66, "(h\1l")))))
  end)

  it("may have a tuple that contains itself, as Python's pickle writes it", function()
    local tuple = "]q\0(h\0" .. "h\0" .. "\x85q\1" .. "e0h\1" -- ([[...], (...)],)
    assert.equal("w 1 0 frame 0, a 1 8 @1", (import(traced("", event(64, tuple)))))
  end)

  it("may share a value that has two numbers in the memo", function()
    assert.equal("w 1 0 frame 0, a 1 8 @1, a 2 8 @1", (import(traced("",
      event(64, "](Neq\0q\1") .. event(65, "h\0q\2")))))
  end)

  it("is refused where tuples in tuples would be moved again and again", function()
    local deep = "N" .. ("\x85"):rep(1000) -- as deep as Python goes
    assert.equal("a 1 8", (import(traced(deep .. "0", event(64, "N")))))
    assert_refused("the pickle has too many tuples in tuples at byte 100434",
      "X" .. ("<s4"):pack(("x"):rep(100000)) .. ("\x85"):rep(10000) .. ".")
  end)

  it("is read in a time that grows with its length", function()
    local FRAMES, EVENTS = 100000, 100000
    local began = os.clock()
    local stack = "](" .. frame "f" .. "q\0" .. ("h\0"):rep(FRAMES) .. "eq\1" .. "0"
    local lines = import(traced(stack, event(64, "h\1") .. "q\2" .. ("h\2"):rep(EVENTS)))
    assert.matches("a 100001 8 @100001", lines)
    local pairs_of = "}q\0(" .. text "action" .. text "alloc" .. ("NN"):rep(FRAMES) .. "u0"
    assert_refused("the text has no request", traced(pairs_of, ("h\0"):rep(EVENTS)))
    -- It takes less than half a second; in a time that grows with the square, hours.
    assert.is_true(os.clock() - began < 60)
  end)

  it("is refused where a stack is too deep", function()
    local stack = "](" .. frame "f" .. "q\0" .. ("h\0"):rep(1 << 20) .. "e"
    local lines, problem = import(traced("", event(64, stack)))
    assert.is_nil(lines)
    assert.equal("text: a stack has more than 1048576 frames", problem)
  end)
end)
