-- Tests lua/pymalloc/page.lua: what its functions refuse and convert, and how much memory
-- they use.

local core = require "pymalloc.core"
local json = require "pymalloc.json"
local packed = require "spec.support.packed"
local page = require "pymalloc.page"
local pymalloc = require "pymalloc"
local room = require "pymalloc.page.room"
local scratch = require "spec.support.scratch"

local function sentence(call, ...)
  local ok, problem = pcall(call, ...)
  assert.is_false(ok)
  return problem
end

describe("functions of the page", function()
  setup(scratch.make)
  teardown(scratch.remove)

  it("refuse wrong sessions, places and types in a sentence", function()
    local session = page.openText("a 1 24\n").session
    for message, call in pairs {
      ["session must be the number of an open session, got 12345"] = { page.moment, 12345 },
      ["session must be the number of an open session, got 1.5"] = { page.moment, 1.5 },
      ["session must be the number of an open session, got 'x'"] = { page.hash, "x" },
      ["session must be the number of an open session, got nil"] = { page.map },
      ["op must be an integer from 0 to 1, got 1.5"] = { page.seek, session, 1.5 },
      ["op must be an integer from 0 to 1, got a string"] = { page.seek, session, "1" },
      ["there is no arena 7 after request 1"] = { page.arena, session, 7 },
      ["there is no arena 'x' after request 1"] = { page.pool, session, "x", 0 },
      ["a pool begins every 4096 bytes, the last one at 258048, got 1"] =
        { page.pool, session, 0, 1 },
      ["points must be an integer from 1 to 10000, got 0"] = { page.timeline, session, 0 },
      ["to must be an integer from 0 to 1, got 2"] = { page.timeline, session, 5, 0, 2 },
      ["the direction must be 1 or -1, got 2"] = { page.continue, session, "arena_new", 2 },
      ["path must be a string, got a table"] = { page.open, {} },
      ["text must be a string, got nil"] = { page.openText },
      ["options must be a table, got 7"] = { page.open, "@startup", 7 },
      ["geometry must be a table, got 7"] = { page.open, "@startup", { geometry = 7 } },
      ["name must be a string, got 7"] = { page.open, "@startup", { name = 7 } },
      ["interpreter must be an integer from 0 to 65535, got -1"] =
        { page.open, "@startup", { interpreter = -1 } },
      ["from must be an integer from 0 to 43354, got 50000"] =
        { page.open, "@startup", { from = 50000 } },
      ["id must be a number, got 'seven'"] = { page.block, session, "seven" },
      ["id 9 is not live after request 1"] = { page.whatIf, session, 9 },
      ["a search must be a text, got 7"] = { page.search, session, 7 },
      ["heap has no field 'x'"] = { page.lastWrite, session, {}, "x" },
    } do
      assert.same(message, sentence(call[1], table.unpack(call, 2)))
    end
    page.close(session)
    assert.matches("^session must be", sentence(page.close, session))
  end)

  it("refuse what no heap of a run can have", function()
    for _, geometry in ipairs { { pool_bytes = 3 }, { profile = "9.9" }, { debug = true },
      { checked = true }, { unknown = 1 }, { cache_blocks = 7 }, { profile = {} } } do
      assert.is_string(sentence(page.open, "@startup", { geometry = geometry }))
    end
  end)

  it("refuse files that are not traces", function()
    assert(pymalloc.trace.save({ text = ("a 1 8\nf 1\n"):rep(70000) },
      scratch.path .. "/whole.ptrace"))
    local whole = scratch.get "whole.ptrace"
    for i, bytes in ipairs { "\0\0\0", "<html></html>", whole:sub(1, 9), whole:sub(1, 40),
      whole:sub(1, -10), whole:sub(1, 300) .. "x" .. whole:sub(302), "a 1\n",
      "a 99999999999999999999999 8\n" } do
      local problem = sentence(page.open, scratch.put("bad" .. i, bytes))
      assert.is_nil(problem:find("[%c]"), problem)
      assert.is_nil(problem:find("%.lua:%d"), problem)
    end
  end)

  it("convert the logs of other tools, and open them as they are", function()
    local log = scratch.put("some.log", "= Start\n@ a:[0x1] + 0x5000 0x18\n"
      .. "@ a:[0x1] - 0x6000\n= End\n")
    local converted = page.convert(log)
    assert.same({ 1, "mtrace", { "1 free of unknown blocks left out" } },
      { converted.requests, converted.format, converted.notices })
    for _, path in ipairs { log, converted.path } do
      local opened = page.open(path)
      assert.same(1, opened.requests)
      page.close(opened.session)
    end
    assert.is_string(sentence(page.convert, scratch.put("no.log", "hello\n")))
  end)

  it("give results that are JSON, with numbers that JavaScript has exactly", function()
    local session = page.openText("a 18446744073709551615 24\nr 9223372036854775808 "
      .. "18446744073709551615\n").session
    for op = 0, 2 do
      local text = json.line(page.seek(session, op))
      for digits in text:gmatch(":(%d+)") do
        assert.is_true(#digits < 17, digits)
      end
      assert.same("table", type(json.read(text)))
    end
    page.close(session)
  end)
end)

describe("the memory of the page", function()
  it("of the requests of a trace ends with the last session of them", function()
    local load, loaded = core.trace.load_requests, nil
    core.trace.load_requests = function(...)
      loaded = load(...)
      return loaded
    end
    local ok, first = pcall(page.open, "@startup")
    core.trace.load_requests = load
    assert.is_true(ok, first)
    local second = page.reopen(first.session, { geometry = { profile = "3.11" } })
    page.close(first.session)
    assert.matches("with 43354 requests$", tostring(loaded))
    page.close(second.session)
    assert.matches(" closed$", tostring(loaded))
  end)

  setup(scratch.make)
  teardown(scratch.remove)

  it("is counted before a packed trace is read", function()
    local path = scratch.path .. "/long.ptrace"
    assert(pymalloc.trace.save({ text = ("a 1 8\nf 1\n"):rep(100000) }, path))
    assert.same(200000, room.count(path))
    room.check(path, "long", math.maxinteger, 24 * 200000 * 2)
    room.check(path, "long", 1000, 24 * 200000)
    assert.matches("long has 200,000 requests, and the page has memory for about 120,000: open a "
      .. "part of it, with `to` at most 120,000", sentence(room.check, path, "long",
      math.maxinteger, 24 * 200000))
    assert.is_nil(room.count(scratch.put("text.trace", "a 1 8\n")))
    assert.same(0, room.count(scratch.put("cut.ptrace", scratch.get("long.ptrace"):sub(1, 50))))
  end)

  it("is counted in the blocks of each version of the packed form", function()
    local old = "spec/data/packed/version1.ptrace"
    local file <close> = assert(io.open(old, "rb"))
    local bytes = file:read("a")
    local _, requests = ("\n" .. packed.text(bytes)):gsub("\n[acrf]", "")
    assert.is_true(requests > 100)
    assert.same(requests, room.count(old))
    local unknown = bytes:sub(1, 8) .. ("<I4"):pack(3) .. bytes:sub(13)
    assert.is_nil(room.count(scratch.put("unknown.ptrace", unknown)))
  end)

  it("bounds the lists of a big heap, but not the map", function()
    local lines = {}
    for id = 1, 40000 do
      lines[id] = ("a %d 64"):format(id)
    end
    local opened = page.openText(table.concat(lines, "\n") .. "\n",
      { geometry = { profile = "classroom" } })
    local moment = page.moment(opened.session)
    assert.same(256, #moment.arenas)
    assert.is_true(moment.stats.arenas > 2000 and moment.shortened >= moment.stats.arenas - 256)
    local map, at, arenas = page.map(opened.session), 1, 0
    while at <= #map do
      at = at + 8 + 8 * string.unpack("<I4", map, at + 4)
      arenas = arenas + 1
    end
    assert.same(moment.stats.arenas, arenas)
    assert.is_true(#json.line(moment) < 200000)
    page.close(opened.session)
  end)
end)
