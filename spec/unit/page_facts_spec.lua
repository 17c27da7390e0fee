-- Tests lua/pymalloc/page.lua: arenas, pools, blocks, searches and pins.

local json = require "pymalloc.json"
local page = require "pymalloc.page"
local pymalloc = require "pymalloc"

local SITED = "w 1 0 app.py:3 main\nw 2 1 app.py:9 load\nm begin\na 1 24 @2\na 2 24 @1\n"
  .. "a 3 600 @2\nm <b>end</b>\n"

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

  it("are a moment with what it shows, in one call", function()
    local other <const> = page.open("@startup").session
    local function shown(...)
      local facts, behind = string.unpack("<s4", page.show(other, ...))
      return (json.read(facts)), page.map(other) == page.show(other, ...):sub(behind)
    end
    local facts, is_map = shown("seek", { 30001 }, true, 0, 4096)
    assert.same({ (json.read(json.line(page.moment(other)))), true }, { facts.moment, is_map })
    assert.same("1:102400:720", facts.moment.request.address)
    assert.same({ 1, "1:102400" }, { facts.arena.slot, facts.pool.address })
    facts = shown("seek", { 30001 }, false, 0, 4096)
    assert.same({ 30001, "0:4096" }, { facts.moment.op, facts.pool.address })
    facts = shown("seek", { 0 }, true, 0, 4096)
    assert.same({ 0, nil }, { facts.moment.op, facts.arena })
    assert.same("", page.show(other, "continue", { "arena_unusable", -1 }, true))
    page.close(other)
  end)

  it("refuse to be shown by a function that does not move", function()
    for name, arguments in pairs { close = {}, [1] = {}, seek = 7 } do
      assert.error_matches(function() page.show(session, name, arguments) end,
        "show takes the name of a function that returns a moment and an array", 1, true)
    end
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
