-- Tests lua/pymalloc/page.lua: arenas, pools, blocks, searches, pins, and what functions refuse.

local json = require "pymalloc.json"
local page = require "pymalloc.page"
local pymalloc = require "pymalloc"
local room = require "pymalloc.page.room"
local scratch = require "spec.support.scratch"

local SITED = "w 1 0 app.py:3 main\nw 2 1 app.py:9 load\nm begin\na 1 24 @2\na 2 24 @1\n"
  .. "a 3 600 @2\nm <b>end</b>\n"

local function sentence(call, ...)
  local ok, problem = pcall(call, ...)
  assert.is_false(ok)
  return problem
end

describe("the facts on a trace", function()
  local session, run

  setup(function()
    session = page.open("@startup").session
    run = assert(pymalloc.replay("@startup"))
  end)

  teardown(function()
    page.close(session)
    run:close()
  end)

  before_each(function()
    page.seek(session, 30000)
    run:seek(30000)
  end)

  it("name the fields of an arena in CPython's order", function()
    local arena = page.arena(session, 1)
    local names = {}
    for i, field in ipairs(arena.header) do
      names[i] = field.name
    end
    assert.same({ "address", "pool_address", "nfreepools", "ntotalpools", "freepools",
      "nextarena", "prevarena" }, names)
    assert.same(run.heap:arena(1).nfreepools, arena.header[3].value)
  end)

  it("are an arena, a pool of it and the map in one string", function()
    local function looked(...)
      local facts, behind = string.unpack("<s4", page.look(session, ...))
      return facts, page.look(session, ...):sub(behind)
    end
    local both = json.line { arena = page.arena(session, 1), pool = page.pool(session, 1, 4096) }
    assert.same({ both, page.map(session) }, { looked(1, 4096) })
    local only_arena = json.line { arena = page.arena(session, 1), pool = json.null }
    for _, offset in ipairs { -4096, 1, 2 ^ 40, "x", false } do
      assert.same(only_arena, (looked(1, offset)))
    end
    for _, slot in ipairs { 99, -1, "x", false, 0.5 } do
      assert.same('{"arena":null,"pool":null}', (looked(slot, 0)))
    end
    assert.same('{"arena":null,"pool":null}', (looked()))
  end)

  it("name the owner of each live block of a pool", function()
    local pool = page.pool(session, 0, 4096)
    for _, block in ipairs(pool.blocks) do
      local owner = run:where(run.heap:arena(0):pool(4096).address + block.offset)
      assert.same(owner and owner.id, block.id)
      assert.same(owner and owner.request, block.request)
      assert.same(owner ~= nil, block.state == "live")
    end
  end)

  it("mark the fields that the request has changed, with the values of its events", function()
    local seen = 0
    for op = 29990, 30010 do
      local moment = page.seek(session, op)
      for _, event in ipairs(moment.events) do
        for _, change in ipairs(event.fields) do
          local slot, offset = change.record:match("^(%d+):(%d+)$")
          if change.of == "pool" and slot then
            local pool = page.pool(session, math.tointeger(slot), math.tointeger(offset))
            for _, field in ipairs(pool.header) do
              if field.name == change.name then
                seen = seen + 1
                assert.is_true(field.changed)
                assert.is_truthy(field.value == change.after or #moment.events > 2)
              end
            end
          end
        end
      end
    end
    assert.is_true(seen > 20)
  end)

  it("mark the changed pools in the map", function()
    local moment = page.moment(session)
    local changed = {}
    for _, event in ipairs(moment.events) do
      for _, change in ipairs(event.fields) do
        local place = change.record:match("^%d+:%d+")
        changed[place or false] = true
      end
    end
    changed[false] = nil
    local map, at, marked = page.map(session), 1, {}
    while at <= #map do
      local slot, count = string.unpack("<I4I4", map, at)
      for i = 0, count - 1 do
        if map:byte(at + 8 + 7 * count + i) == 1 then
          marked[("%d:%d"):format(slot, i * 4096)] = true
        end
      end
      at = at + 8 + 8 * count
    end
    assert.same(changed, marked)
    assert.is_truthy(next(marked))
  end)

  it("name a struct's fields as its header does", function()
    local pool = page.pool(session, 0, 4096)
    local declared = {}
    for _, line in ipairs(pool.struct.lines) do
      table.insert(declared, line.field)
      assert.is_nil(line.text:find("@", 1, true))
    end
    for i, field in ipairs(pool.header) do
      assert.same(declared[i], field.name)
    end
  end)

  it("find the last write of a field, as run:last_write does", function()
    for record, view in pairs { [{ arena = 1 }] = run.heap:arena(1), [{}] = run.heap,
      [{ arena = 0, pool = 4096 }] = run.heap:arena(0):pool(4096) } do
      local field = record.pool and "ref_count" or record.arena and "nfreepools"
        or "usable_arenas"
      local event = run:last_write(view, field)
      local found = page.lastWrite(session, record, field)
      assert.same({ event.request, tostring(event) }, { found.op, found.event.text })
    end
  end)

  it("go to the next and the last event, as run:continue and run:reverse do", function()
    for _, condition in ipairs { "pool_full", { kind = "pool_init", class = 3 },
      { "arena_new", "arena_release" } } do
      for method, direction in pairs { continue = 1, reverse = -1 } do
        run:seek(30000)
        page.seek(session, 30000)
        assert.same(run[method](run, condition),
          (page.continue(session, condition, direction) or {}).op)
      end
    end
  end)

  it("say what a free would cause, as run:what_if_free does", function()
    local id = run:where(run.heap:arena(0):pool(4096).address + 48).id
    local texts = {}
    for i, event in ipairs(run:what_if_free(id)) do
      texts[i] = tostring(event)
    end
    local what = page.whatIf(session, id)
    local found = {}
    for i, event in ipairs(what.events) do
      found[i] = event.text
    end
    assert.same({ texts, "0:4096:48" }, { found, what.address })
  end)

  it("list the blocks that pin an arena, and the call stacks that requested them", function()
    local pins = page.pins(session)
    local candidates = run:release_candidates()
    assert.same({ candidates[1].arena, candidates[1].blocks },
      { pins.slot, #pins.blocks + pins.left_out })
    assert.same(run:pins()[1].blocks, pins.rows[1].blocks)
    assert.same(1, page.pins(session, 1).slot)
  end)

  it("find the block, pool, id, size or request that a text names", function()
    local live = run:where(run.heap:arena(0):pool(4096).address + 48)
    assert.same("0:4096:48", page.search(session, ("id %d"):format(live.id)).life.address)
    local found = page.search(session, "0:4096:50")
    assert.same({ "block", 48, live.id }, { found.part, found.block, found.owner.id })
    assert.same("header", page.search(session, " 0:4096 ").part)
    found = page.search(session, "size 48")
    assert.same(48, run:request(found.next.op).size)
    assert.is_true(found.next.op > 30000 and found.previous.op < 30000)
    assert.same({ kind = "request", op = 77 }, page.search(session, "request 77"))
    for _, nothing in ipairs { "", "999:0", "0:1", "0:4096:9999", "request 99999999", "<script>",
      "99999999999999999999999", "size 99999999999999999999999", "id -1" } do
      assert.same("none", page.search(session, nothing).kind)
    end
  end)

  it("list the requests of an id", function()
    local life = page.block(session, 3)
    assert.same(3, life.requests[1].id)
    for _, request in ipairs(life.requests) do
      assert.same(run:request(request.op).op, request.operation)
    end
    assert.is_false(page.block(session, 123456789).live)
  end)
end)

describe("a trace with sites and marks", function()
  it("shows them, and leaves out what a page cannot show", function()
    local opened = page.openText(SITED)
    assert.is_true(opened.has_sites)
    assert.same({ { op = 0, text = "begin" }, { op = 3, text = "<b>end</b>" } }, opened.marks)
    local moment = page.seek(opened.session, 1)
    assert.same({ "app.py:9 load", "app.py:3 main" }, moment.request.where)
    assert.same({ "<b>end</b>" }, page.seek(opened.session, 3).marks)
    assert.same({ kind = "mark", marks = { opened.marks[2] } },
      page.search(opened.session, "<b>"))
    assert.same(0, page.continue(opened.session, { mark = "begin" }, -1).op)
    page.close(opened.session)
  end)

  it("counts the requests of other interpreters as left out", function()
    local opened = page.openText("a 1 8\ni 1\na 1 8\na 2 8\n", { interpreter = 1 })
    assert.same({ 2, { "1 request of other interpreters left out." } },
      { opened.requests, opened.notices })
    page.close(opened.session)
  end)
end)

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

  it("refuse files that are no traces", function()
    local packed = scratch.path .. "/whole.ptrace"
    assert(pymalloc.trace.save({ text = ("a 1 8\nf 1\n"):rep(70000) }, packed))
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
  setup(scratch.make)
  teardown(scratch.remove)

  it("is counted before a packed trace is read", function()
    local packed = scratch.path .. "/long.ptrace"
    assert(pymalloc.trace.save({ text = ("a 1 8\nf 1\n"):rep(100000) }, packed))
    assert.same(200000, room.count(packed))
    room.check(packed, "long", math.maxinteger, 24 * 200000 * 2)
    room.check(packed, "long", 1000, 24 * 200000)
    assert.matches("long has 200,000 requests, and the page has memory for about 120,000: open a "
      .. "part of it, with `to` at most 120,000", sentence(room.check, packed, "long",
      math.maxinteger, 24 * 200000))
    assert.is_nil(room.count(scratch.put("text.trace", "a 1 8\n")))
    assert.same(0, room.count(scratch.put("cut.ptrace", scratch.get("long.ptrace"):sub(1, 50))))
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
