local complaint = require "spec.support.complaint"
local pymalloc = require "pymalloc"

-- A trace that fills 30 arenas of the classroom profile, and then frees the blocks of app.py:7. The
-- blocks of app.py:8 are left, one in each arena.
local function scattered()
  local lines = { "# pymalloc trace 1", "w 1 0 app.py:90 main", "w 2 1 app.py:7 fill list",
    "w 3 1 app.py:8 keep list", "w 4 1 app.py:50 other", "a 1 16 @4", "a 2 16 @4", "a 3 16 @4" }
  for id = 10, 1000 do
    table.insert(lines, ("a %d 64 @%d"):format(id, id % 33 == 0 and 3 or 2))
  end
  table.insert(lines, "m filled")
  for id = 10, 1000 do
    if id % 33 ~= 0 then
      table.insert(lines, "f " .. id)
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

local function open(text, offset)
  return assert(pymalloc.replay({ text = text }, { profile = "classroom", arena_offset = offset }))
end

describe("pins", function()
  it("tell the line that pins most arenas first, not the one with most bytes", function()
    local run <close> = open(scattered())
    run:seek(run.length)
    local pins = run:pins()
    assert.equal("app.py:8 keep list", pins[1].where)
    assert.equal(30, pins[1].blocks)
    assert.equal(30 * 64, pins[1].bytes)
    assert.equal(30, pins[1].arenas)
    assert.is_true(pins[1].alone >= 29)
    assert.equal("app.py:50 other", pins[2].where)
    assert.equal(1, pins[2].arenas)
  end)

  it("of equally many arenas are those first that have some alone, then those of most bytes",
    function()
      local lines = { "w 1 0 alone", "w 2 0 bytes", "w 3 0 blocks" }
      local function ask(first, last, size, site)
        for id = first, last do
          table.insert(lines, ("a %d %d @%d"):format(id, size, site))
        end
      end
      ask(1, 12, 64, 1) -- all of an arena
      ask(13, 14, 64, 2)
      ask(15, 19, 8, 3)
      for id = 2, 12 do
        table.insert(lines, "f " .. id)
      end
      local run <close> = open(table.concat(lines, "\n") .. "\n")
      run:seek(run.length)
      assert.same({
        { where = "alone", arenas = 1, alone = 1, blocks = 1, bytes = 64 },
        { where = "bytes", arenas = 1, alone = 0, blocks = 2, bytes = 128 },
        { where = "blocks", arenas = 1, alone = 0, blocks = 5, bytes = 40 },
      }, run:pins())
    end)

  it("group by site, line, function, file or whole stack", function()
    local run <close> = open("w 1 0 my app.py:9 main\nw 2 1 b.py:3 f list\nw 3 1 b.py:3 f dict\n"
      .. "w 4 1 b.py:4 f\nw 5 1 odd\na 1 8 @2\na 2 8 @3\na 3 8 @4\na 4 8 @5\na 5 8 @1\na 6 8\n")
    run:seek(6)
    local expected = {
      site = "(no site), b.py:3 f dict, b.py:3 f list, b.py:4 f, my app.py:9 main, odd",
      line = "(no site), b.py:3 f, b.py:4 f, my app.py:9 main, odd",
      ["function"] = "(no site), b.py f, my app.py main, odd",
      file = "(no site), b.py, my app.py, odd",
      stack = "(no site), b.py:3 f dict\nmy app.py:9 main, b.py:3 f list\nmy app.py:9 main, "
        .. "b.py:4 f\nmy app.py:9 main, my app.py:9 main, odd\nmy app.py:9 main",
    }
    for by, names in pairs(expected) do
      local list = {}
      for i, pin in ipairs(run:pins { by = by }) do
        list[i] = pin.where
      end
      table.sort(list)
      assert.equal(names, table.concat(list, ", "))
    end
    assert.same({ "b.py:4 f", "my app.py:9 main" }, run:pins({ by = "stack" })[4].stack)
  end)

  it("take a place in a file without lines for a line", function()
    local run <close> = open("w 1 0 libc.so.6+0x9c3a2 qsort\nw 2 0 libc.so.6+0x9c3ff qsort\n"
      .. "a 1 8 @1\na 2 8 @2\n")
    run:step(2)
    assert.equal("libc.so.6 qsort", run:pins({ by = "function" })[1].where)
    assert.equal("libc.so.6", run:pins({ by = "file" })[1].where)
    assert.equal("libc.so.6+0x9c3a2 qsort", run:pins({ by = "line" })[1].where)
  end)

  it("take a name with blanks in brackets for one name", function()
    local run <close> = open("w 1 0 a.cc:7 f(std::map<int, long> const&) list\na 1 8 @1\n"
      .. "w 2 0 a.cc:8 operator<< list\na 2 8 @2\n")
    run:step(2)
    local names = {}
    for _, pin in ipairs(run:pins { by = "function" }) do
      names[pin.where] = true
    end
    assert.same({ ["a.cc f(std::map<int, long> const&)"] = true,
      ["a.cc operator<< list"] = true }, names)
    assert.equal("a.cc:7 f(std::map<int, long> const&)", run:pins({ by = "line" })[1].where)
  end)

  it("skip frames of a recorder", function()
    local run <close> = open("w 1 0 a.c:1 f\nw 2 1 x/pymalloc/preload.so:0 malloc\na 1 8 @2\n")
    run:step()
    assert.equal("a.c:1 f", run:pins()[1].where)
  end)

  it("may be of one arena", function()
    local run <close> = open(scattered())
    run:continue { mark = "filled" }
    local blocks = 0
    for _, pin in ipairs(run:pins { arena = 1 }) do
      assert.equal(1, pin.arenas)
      blocks = blocks + pin.blocks
    end
    assert.equal(#run:pinned_by(1), blocks)
    assert.same(run:pins { arena = 1 }, run:pins { arena = run.heap:arena(1) })
  end)

  it("refuse wrong options", function()
    local run <close> = open("a 1 8\n")
    run:step()
    local other <close> = open("a 1 8\n")
    other:step()
    assert.equal("pymalloc: run:pins: by must be one of site, stack, line, function, file, "
      .. "got 5", complaint(function() run:pins { by = 5 } end))
    assert.equal("pymalloc: run:pins: unknown option at (allowed: arena, by)",
      complaint(function() run:pins { at = 5 } end))
    assert.equal("pymalloc: run:pins: options must be a table, got 5",
      complaint(function() run:pins(5) end))
    assert.matches("^pymalloc: run:pins: arena must be one of this run, got ",
      complaint(function() run:pins { arena = other.heap:arena(0) } end))
    assert.has_error(function() run:pinned_by(9999) end)
  end)
end)

describe("the blocks that pin an arena", function()
  it("are in the order of addresses, and summed up by call stack", function()
    local run <close> = open("w 1 0 f\nw 2 0 g\na 1 64 @1\na 2 16 @2\na 3 8 @2\na 4 8\n"
      .. "a 5 700 @1\n")
    run:seek(5)
    local blocks, by_stack = run:pinned_by(0)
    for i = 2, #blocks do
      assert.is_true(blocks[i - 1].pool + blocks[i - 1].block < blocks[i].pool + blocks[i].block)
    end
    assert.equal(4, #blocks)
    assert.same({ id = 1, size = 64, request = 1, arena = 0, pool = blocks[1].pool,
      block = blocks[1].block, address = run:block(1).address, site = 1, where = { "f" } },
      blocks[1])
    assert.same({ { where = { "f" }, blocks = 1, bytes = 64 },
      { where = { "g" }, blocks = 2, bytes = 24 }, { blocks = 1, bytes = 8 } }, by_stack)
  end)

  it("have all fields of run:block, and as places their address", function()
    for _, offset in ipairs { 0, 16, 240 } do
      local run <close> = open(scattered(), offset)
      run:seek(run.length)
      local places = run.heap:pinned_by(2)
      for i, block in ipairs((run:pinned_by(2))) do
        assert.same(run:block(block.id), block)
        assert.equal(block.address, places[i].address)
      end
      assert.same(run.heap:pinned_by(run.heap:release_candidates()[3].arena),
        run.heap:release_candidates()[3].pinned)
    end
  end)

  it("are those of the release candidates, the fewest first", function()
    local run <close> = open(scattered())
    run:seek(run.length)
    local candidates = run:release_candidates()
    assert.equal(#run.heap:usable_arenas(), #candidates)
    for i = 2, #candidates do
      local one, other = candidates[i - 1], candidates[i]
      assert.is_true(one.blocks < other.blocks or one.blocks == other.blocks
        and one.arena < other.arena)
    end
    local blocks, by_stack = run:pinned_by(candidates[1].arena)
    assert.same(blocks, candidates[1].pinned)
    assert.same(by_stack, candidates[1].sites)
    assert.equal("app.py:8 keep list", by_stack[1].where[1])
  end)
end)

describe("the most", function()
  it("bytes are live after the first request where they are", function()
    local run <close> = open("a 1 24\na 2 600\nf 1\na 3 24\nr 3 700\nf 2\n"
      .. "r 3 9223372036854775808\n")
    run:seek(3)
    assert.equal(5, run:most("live"))
    assert.same({ 3, "free" }, { run.op, run:request().op })
  end)

  it("bytes are live at the same request where ids that are not live are freed", function()
    local run <close> = open("f 7\na 1 600\nf 8\na 2 8\nf 7\nf 2\n")
    assert.equal(4, run:most("live"))
  end)

  it("bytes are live at the first of several such requests", function()
    local run <close> = open("a 1 600\nf 1\nf 9\na 1 600\nf 1\n")
    assert.equal(1, run:most("live"))
  end)

  -- The peak of arenas and the moment after it with the most unused bytes, by counting.
  local function counted(run)
    local held_most, live_at_peak, peak, unused_most, unused_at = 0, 0, 0, 0, 0
    local live, size_of = 0, {}
    while run.op < run.length do
      run:step()
      local request = run:request()
      live = live - (size_of[request.id] or 0) + (request.size or 0)
      size_of[request.id] = request.size or 0
      local held = run.heap:stats().arenas_current * run.heap.geometry.arena_bytes
      if held > held_most or held == held_most and held > 0 and live > live_at_peak then
        held_most, live_at_peak, peak, unused_most = held, live, run.op, 0
      end
      if held - live > unused_most then
        unused_most, unused_at = held - live, run.op
      end
    end
    return peak, unused_at
  end

  it("bytes of arenas are held, and unused after that, at the same requests as by counting",
    function()
      local early = { "a 1 8\n" } -- most bytes are unused at the first request
      for id = 2, 100 do
        table.insert(early, ("a %d 64\n"):format(id))
      end
      for id = 2, 40 do
        table.insert(early, ("f %d\n"):format(id))
      end
      table.insert(early, "a 200 16\n")
      for _, text in ipairs { scattered(), table.concat(early), "a 1 8\na 2 8\nf 1\nf 2\n",
          "a 1 8\nf 1\na 2 8\na 3 8\nf 2\na 4 64\nf 3\nf 4\n" } do
        local run <close> = open(text)
        local peak, unused = counted(run)
        assert.same({ peak, unused }, { run:most("held"), run:most("unused") })
        assert.is_true(unused >= peak)
      end
    end)

  it("bytes of one arena are unused after the peak, not at the first request", function()
    local run <close> = open("a 1 8\na 2 64\na 3 64\nf 2\nf 3\na 4 8\n")
    assert.same({ 3, 5 }, { run:most("held"), run:most("unused") })
  end)

  it("are none where nothing is requested, or where nothing can be", function()
    local run <close> = open("")
    for _, figure in ipairs { "live", "held", "unused" } do
      assert.equal(0, run:most(figure))
    end
    local raw <close> = open("a 1 600\nf 1\n")
    assert.same({ 1, 0, 0 }, { raw:most("live"), raw:most("held"), raw:most("unused") })
    local bad <close> = open("a 1 8\na 1 8\na 2 900\n")
    assert.equal(1, bad:most("live"))
    assert.equal("pymalloc: run:most: figure must be live, held or unused, got 'x'",
      complaint(bad.most, bad, "x"))
    assert.equal("pymalloc: run:most: figure must be live, held or unused, got nil",
      complaint(bad.most, bad))
  end)
end)
