local command = require "spec.support.command"
local dkjson = require "dkjson"

-- Runs pymalloc pins. Returns its output, its standard error and its exit code.
local function pins(trace, arguments)
  return command.run(("%s pins %s %s"):format(command.pymalloc, trace, arguments or ""))
end

local HEAD = [[
# pymalloc trace 1
w 1 0 app.py:40 <module>
w 2 1 app.py:12 load dict
w 3 1 app.py:21 keep tuple
w 4 0 start.py:1 <module>
]]

-- The requests of a program that makes `count` objects, and keeps one of a hundred when it
-- drops the rest. Before that it starts up, with more bytes in fewer arenas.
local function scattering(count)
  local lines = { HEAD }
  for id = 1, 5000 do
    table.insert(lines, ("a %d %d @4\n"):format(id, 32 + id % 200))
  end
  table.insert(lines, "m load\n")
  for i = 1, count do
    table.insert(lines, ("a %d 56 @%d\n"):format(5000 + i, i % 100 == 0 and 3 or 2))
  end
  table.insert(lines, "m drop\n")
  for i = 1, count do
    table.insert(lines, i % 100 ~= 0 and ("f %d\n"):format(5000 + i) or "")
  end
  table.insert(lines, "m dropped\n")
  for i = 100, count, 100 do
    table.insert(lines, ("f %d\n"):format(5000 + i))
  end
  return table.concat(lines)
end

local function first_row(output)
  return output:match("who asked\n([^\n]*)")
end

describe("pymalloc pins", function()
  it("prints first the line that scatters 1 % of survivors among 400,000 objects", function()
    local file <close> = command.file(scattering(400000), ".trace")
    local output, errors, code = pins(file.path)
    assert.equal("", errors)
    assert.equal(0, code)
    assert.matches("app.py:21 keep tuple$", first_row(output))
    local at_mark = pins(file.path, "--at dropped --by line")
    assert.matches("after request 801,000 of 805,000\n90 arenas of 23,592,960 bytes; 9,000 blocks "
      .. "live in them, 881,500 bytes as requested\n", at_mark)
    assert.matches("^    88     87   4,000  224,000  app.py:21 keep$", first_row(at_mark))
    assert.matches("^    88     87  400,000", (first_row(pins(file.path, "--at drop --by file"))))
  end)

  local small = HEAD .. "a 1 24 @2\nm load\na 2 600 @2\na 3 30 @3\na 4 40\ni 2\na 9 50 @1\n"

  local function small_pins(arguments)
    local file <close> = command.file(small, ".trace")
    local output, errors, code = pins(file.path, arguments)
    return output:gsub("^[^\n]*/[^\n,]*", "TRACE"), errors, code
  end

  it("prints whole call stacks, and rows for functions or files", function()
    assert.equal([[
TRACE, after request 4 of 4
1 arena of 262,144 bytes; 3 blocks live in it, 94 bytes as requested
1 request of other interpreters left out (--interpreter)

arenas  alone  blocks  bytes  who asked
     1      0       1     40  (no site)
     1      0       1     30  app.py:21 keep tuple
                                from app.py:40 <module>
1 row more (--top)
]], (small_pins("--at end --stack --top 2")))
    assert.matches("     1      0       2     54  app.py\n", (small_pins("--at end --by file")))
    assert.matches("  app.py keep\n", (small_pins("--at end --by function")))
  end)

  it("takes a number, a named moment or a mark as the moment", function()
    for moment, op in pairs { ["0"] = 0, ["3"] = 3, ["end"] = 4, peak = 4, live = 4, unused = 4,
        load = 1 } do
      assert.matches("^TRACE, after request " .. op .. " of 4\n", (small_pins("--at " .. moment)))
    end
    local _, errors, code = small_pins("--at lode")
    assert.equal("pymalloc: option '--at' takes a number, end, peak, live, unused or a mark, got "
      .. "'lode'; the marks are 'load'\n", errors)
    assert.equal(2, code)
    _, errors, code = small_pins("--at 5")
    assert.equal("pymalloc: option '--at': the trace has 4 requests, got '5'\n", errors)
    assert.equal(2, code)
  end)

  it("looks at one arena, and at one interpreter", function()
    assert.matches("\n1 arena of 262,144 bytes; 3 blocks live in arena 0, 94 bytes",
      (small_pins("--at end --arena 0")))
    local _, errors, code = small_pins("--at end --arena 7")
    assert.equal("pymalloc: option '--arena': there is no arena 7 after request 4: the heap "
      .. "has 0\n", errors)
    assert.equal(2, code)
    local output = small_pins("--interpreter 2 --profile 3.12")
    assert.matches("^TRACE, after request 1 of 1\n1 arena of 1,048,576 bytes; 1 block live in "
      .. "it, 50 bytes as requested\n4 requests of other", output)
    assert.matches("app.py:40 <module>$", first_row(output))
  end)

  it("lists the blocks of a trace without call stacks", function()
    local file <close> = command.file("a 7 24\na 8 600\na 18446744073709551615 40\n")
    local output = pins(file.path, "--at end")
    assert.matches("\nThe trace has no call stacks.\n\n"
      .. "arena +id  request  bytes\n"
      .. "    0 +7        1     24\n"
      .. "    0  18446744073709551615        3     40\n$", output)
    assert.equal(7, dkjson.decode((pins(file.path, "--json"))).blocks[1].id)
  end)

  it("lists the blocks, and who asked, where the trace has call stacks", function()
    assert.equal([[
TRACE, after request 4 of 4
1 arena of 262,144 bytes; 3 blocks live in arena 0, 94 bytes as requested
1 request of other interpreters left out (--interpreter)

arena  id  request  bytes  who asked
    0   1        1     24  app.py:12 load dict
    0   3        3     30  app.py:21 keep tuple
    0   4        4     40  (no site)
]], (small_pins("--at end --blocks --arena 0")))
    local blocks = dkjson.decode((small_pins("--at end --blocks --json"))).blocks
    assert.same({ 3, 30, { "app.py:21 keep tuple", "app.py:40 <module>" } },
      { blocks[2].id, blocks[2].size, blocks[2].where })
    local _, errors, code = small_pins("--blocks --by file")
    assert.equal("pymalloc: --blocks cannot be combined with --stack or --by\n", errors)
    assert.equal(2, code)
  end)

  it("prints JSON", function()
    local record = dkjson.decode((small_pins("--json --at end --stack --arena 0")))
    assert.same({ 4, 4, 1, 0, 1, 262144, 3, 94 }, { record.at, record.length, record.left_out,
      record.arena, record.arenas, record.arena_bytes, record.live_blocks, record.live_bytes })
    assert.same({ where = "app.py:21 keep tuple\napp.py:40 <module>", arenas = 1, alone = 0,
      blocks = 1, bytes = 30, stack = { "app.py:21 keep tuple", "app.py:40 <module>" } },
      record.pins[2])
  end)

  it("prints no byte that a terminal obeys, and no bytes that are not UTF-8", function()
    local file <close> = command.file("w 1 0 a\194\1552Jb\nw 2 0 \255c\na 1 8 @1\na 2 8 @2\n")
    local output = pins(file.path, "--at end")
    assert.matches("  a%?2Jb\n", output)
    assert.matches("  %?c\n", output)
    assert.equal("?c", dkjson.decode((pins(file.path, "--at end --json"))).pins[2].where)
  end)

  it("refuses options that contradict each other, and a trace that does not exist", function()
    local _, errors, code = small_pins("--stack --by file")
    assert.matches("%-%-stack and %-%-by cannot be combined", errors)
    assert.equal(2, code)
    _, errors, code = pins("/nonexistent.trace")
    assert.equal("pymalloc: /nonexistent.trace cannot be opened: No such file or directory\n",
      errors)
    assert.equal(1, code)
  end)

  it("says why the trace cannot be run up to the moment", function()
    local file <close> = command.file("a 1 8\na 1 8\n")
    local _, errors, code = pins(file.path, "--at end")
    assert.equal("pymalloc: request 2: id 1 is live already\n", errors)
    assert.equal(1, code)
  end)
end)

describe("pymalloc replay", function()
  it("lists the marks with what is live, and each interpreter", function()
    local file <close> = command.file("a 1 8\nm load\ni 2\na 2 600\nm done\n")
    local output = command.run(command.pymalloc .. " replay " .. file.path)
    assert.matches("\ninterpreter 0\n.*\ninterpreter 2\n", output)
    assert.matches("\nmarks\n"
      .. "  request  live blocks  live bytes  arena bytes  mark\n"
      .. "        1            1           8      262,144  load\n"
      .. "        2            2         608      262,144  done\n", output)
    local record = dkjson.decode((command.run(command.pymalloc .. " replay --json " .. file.path)))
    assert.equal("done", record.phases[2].text)
    assert.equal(2, record.interpreters[1].interpreter)
  end)
end)
