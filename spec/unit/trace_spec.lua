local core = require "pymalloc.core"

local command = require "spec.support.command"
local replay_damaged = require("pymalloc_faults.replay").replay_damaged
local replays = require "spec.support.replays"

local accepts, output_of, refuses = replays.accepts, replays.output_of, replays.refuses
local replay_file, replay_text = core.trace.replay_file, core.trace.replay_text

local function placements_of(text, heap)
  return output_of(text, { placements = true, heap = heap })
end

describe("a line of a trace", function()
  local bad_lines = {
    { "a 1", "expected 'a ID SIZE', found 'a 1'" },
    { "a 1 2 3", "expected 'a ID SIZE', found 'a 1 2 3'" },
    { "a1 2", "expected 'a ID SIZE', found 'a1 2'" },
    { "a 1 2x", "expected 'a ID SIZE', found 'a 1 2x'" },
    { "a 1 -2", "expected 'a ID SIZE', found 'a 1 -2'" },
    { "a 1 0x10", "expected 'a ID SIZE', found 'a 1 0x10'" },
    { "a 1 1.5", "expected 'a ID SIZE', found 'a 1 1.5'" },
    { "a", "expected 'a ID SIZE', found 'a'" },
    { "r 1", "expected 'r ID SIZE', found 'r 1'" },
    { "c 1 2", "expected 'c ID N ELSIZE', found 'c 1 2'" },
    { "f", "expected 'f ID', found 'f'" },
    { "f 1 2", "expected 'f ID', found 'f 1 2'" },
    { "d 1", "expected 'd', found 'd 1'" },
    { "s 1", "expected 's', found 's 1'" },
    { "k k", "expected 'k', found 'k k'" },
    { "x", "expected 'x N', found 'x'" },
    { "a 1 2\r3", "expected 'a ID SIZE', found 'a 1 2\\x0d3'" },
    { "a 1 \0\1\255", "expected 'a ID SIZE', found 'a 1 \\x00\\x01\\xff'" },
    { "a 1 " .. ("2"):rep(10) .. (" 3"):rep(40),
      "expected 'a ID SIZE', found 'a 1 2222222222 3 3 3 3 3 3 3 3 3 3 3 3 3...'" },
    { "q 1", "expected a line that begins with one of a c r f d s k x w m i o #, found 'q 1'" },
    { " a 1 2",
      "expected a line that begins with one of a c r f d s k x w m i o #, found ' a 1 2'" },
    { "A 1 2", "expected a line that begins with one of a c r f d s k x w m i o #, found 'A 1 2'" },
  }

  for _, case in ipairs(bad_lines) do
    it(("is refused as %q"):format(case[1]), function()
      refuses("text:1: " .. case[2], case[1])
    end)
  end

  it("is refused with its number", function()
    refuses("text:5: expected 'f ID', found 'f'", "a 1 2\n\n# comment\nd\nf\na 1 1\n")
  end)

  it("has sizes up to 2^64 - 1", function()
    local size = "18446744073709551615"
    assert.equal("1 a 1 NULL\n", (placements_of("a 1 " .. size)))
    refuses("text:1: expected 'a ID SIZE', found 'a 1 18446744073709551616' "
      .. "(a number is at most 18446744073709551615)", "a 1 18446744073709551616")
  end)

  it("has ids from 1 to 2^64 - 1", function()
    accepts("f 1\nf 18446744073709551615\n", 2)
    refuses("text:1: expected 'f ID', found 'f 0' (ids start at 1)", "f 0")
    refuses("text:1: expected 'f ID', found 'f 18446744073709551616' "
      .. "(a number is at most 18446744073709551615)", "f 18446744073709551616")
  end)

  it("with x has a number from -1 on", function()
    accepts("x -1\nx 0\nx 18446744073709551615\n", 0)
    refuses("text:1: expected 'x N', found 'x -2' (the least number here is -1)", "x -2")
    refuses("text:1: expected 'x N', found 'x -10' (the least number here is -1)", "x -10")
  end)

  it("can have more blanks and tabs than it needs", function()
    accepts("a \t1  \t 2 \t\r\nf\t1\n", 2)
  end)

  it("can be empty, can end in CR LF, and needs no end if it is the last", function()
    accepts("\n\r\n  \t\na 1 1\r\n\nf 1", 2)
    accepts("", 0)
  end)

  it("is at most 65535 bytes long", function()
    accepts("f 1" .. (" "):rep(65535 - 3) .. "\nf 1\n", 2)
    refuses("text:2: a line is longer than 65535 bytes", "f 1\nf 1" .. (" "):rep(65536 - 3) .. "\n")
  end)

  it("can have any length if it is a comment", function()
    for _, length in ipairs { 65535, 65536, 65537, 131071, 131072, 200000 } do
      accepts("f 1\n" .. ("#"):rep(length) .. "\nf 1", 2)
      accepts(("#"):rep(length), 0)
    end
  end)

  it("can name the format if it is the first line", function()
    accepts("# pymalloc trace 1\nf 1", 1)
    accepts("# pymalloc trace of a tree\nf 1", 1)
    accepts("\n# pymalloc trace 2\n", 0)
    refuses("text:1: only traces of format 1 can be read, found '# pymalloc trace 2'",
      "# pymalloc trace 2\n")
    refuses("text:1: only traces of format 1 can be read, found '# pymalloc trace 12'",
      "# pymalloc trace 12")
  end)

  it("is read in the same way wherever the buffer ends", function()
    local text = ("a 1 24\nf 1\n"):rep(20)
    for length = 65536 - 60, 65536 do
      accepts("#" .. ("-"):rep(length - 2) .. "\n" .. text, 40)
    end
  end)
end)

describe("a trace", function()
  local packers = { gz = "gzip", xz = "xz", zst = "zstd" }
  local text = "a 1 24\nf 1\n"

  local function packed(suffix, packer)
    local plain <close> = command.file(text)
    local bytes = command.run(packer .. " -c " .. plain.path)
    return command.file(bytes, "." .. suffix)
  end

  for suffix, packer in pairs(packers) do
    it("is unpacked by " .. packer, function()
      local file <close> = packed(suffix, packer)
      assert.equal(2, assert(replay_file(file.path)).requests)
    end)

    it("is refused if " .. packer .. " cannot unpack it", function()
      local file <close> = command.file(text, "." .. suffix)
      local summary, message, kind = replay_file(file.path)
      assert.is_nil(summary)
      assert.equal(("%s cannot be unpacked by '%s -dc': damaged, or not of its kind"):format(
        file.path, packer), message)
      assert.equal("trace", kind)
    end)
  end

  it("is refused if its compressed file is truncated", function()
    local file = assert(io.open("traces/cpython-startup.trace.xz", "rb"))
    local cut <close> = command.file(file:read(20000), ".xz")
    file:close()
    local _, message = replay_file(cut.path)
    assert.matches("cannot be unpacked by 'xz %-dc'", message)
  end)

  it("is refused with the name of the tool that is missing", function()
    local file <close> = packed("xz", "xz")
    local lua = command.run("command -v lua5.4"):match("%S+")
    local _, errors, code = command.run(
      ("%s PATH=/nonexistent %s lua/bin/pymalloc replay %s"):format(
        command.environment, lua, file.path))
    assert.equal(("pymalloc: %s needs the program 'xz' to be read, which is not installed\n")
      :format(file.path), errors)
    assert.equal(1, code)
  end)

  it("can have a name that looks like an option or like a command", function()
    local file <close> = packed("xz", "xz")
    local root = command.run("pwd"):gsub("\n", "")
    local _, errors, code = command.run(command.leaks_allowed
      .. ([[cd "$(mktemp -d)" && cp -- %s '-d $(exit 3).xz' &&
        %s/script/pymalloc replay -- '-d $(exit 3).xz' && rm -r "$PWD"]]):format(file.path, root))
    assert.equal("", errors)
    assert.equal(0, code)
  end)

  it("is refused if it cannot be opened or read", function()
    local _, message = replay_file("/nonexistent.trace")
    assert.equal("/nonexistent.trace cannot be opened: No such file or directory", message)
    _, message = replay_file("/")
    assert.equal("/ cannot be read: Is a directory", message)
  end)
end)

describe("a replay", function()
  it("prints the place of each request's block", function()
    assert.equal("1 a 1 0:0:48\n2 a 2 0:0:72\n3 c 3 0:4096:48\n4 a 4 L\n5 f 1 -\n6 r 3 0:0:48\n",
      (placements_of("a 1 24\na 2 20\nc 3 5 8\na 4 513\nf 1\nr 3 24\n")))
  end)

  it("treats a realloc of an id that is not live as a malloc", function()
    assert.equal("1 r 7 0:0:48\n2 f 7 -\n3 r 7 0:0:48\n",
      (placements_of("r 7 8\nf 7\nr 7 8\n")))
  end)

  it("treats a free of an id that is not live as free(NULL)", function()
    assert.equal("1 f 7 -\n2 a 7 0:0:48\n", (placements_of("f 7\na 7 8\n")))
  end)

  it("ends at a malloc or calloc of a live id, and names the line", function()
    local output, message = placements_of("a 1 8\n\na 1 8\nf 1\n")
    assert.equal("1 a 1 0:0:48\n", output)
    assert.equal("text:3: id 1 is live already", message)
    output, message = placements_of("r 1 8\nc 1 8 1\nf 1\n")
    assert.equal("1 r 1 0:0:48\n", output)
    assert.equal("text:2: id 1 is live already", message)
  end)

  it("prints nothing after an invalid line", function()
    local output, message = output_of("a 1 8\nf\nf 1\n",
      { placements = true, dump = true, stats = true })
    assert.equal("1 a 1 0:0:48\n", output)
    assert.equal("text:2: expected 'f ID', found 'f'", message)
  end)

  it("does not treat the id of a refused malloc as live", function()
    local huge = "9223372036854775808"
    assert.equal("1 a 1 NULL\n2 a 1 0:0:48\n3 c 2 NULL\n4 c 2 0:0:56\n",
      (placements_of(("a 1 %s\na 1 8\nc 2 %s 2\nc 2 4 2\n"):format(huge, huge))))
  end)

  it("does not change the block of a refused realloc", function()
    assert.equal("1 a 1 0:0:48\n2 r 1 NULL\n3 r 1 0:0:48\n",
      (placements_of("a 1 8\nr 1 9223372036854775808\nr 1 8\n")))
  end)

  it("applies x, which limits the arenas that can still be obtained", function()
    local twelve = {} -- Twelve blocks of 64 bytes fill an arena of this profile.
    for id = 1, 12 do
      twelve[id] = ("a %d 64\n"):format(id)
    end
    local output = placements_of("x 0\na 20 64\nx 1\n" .. table.concat(twelve)
      .. "a 21 64\nx -1\na 22 64\n", { profile = "classroom" })
    assert.matches("^1 a 20 L\n2 a 1 0:0:48\n", output)
    assert.matches("\n13 a 12 0:768:176\n14 a 21 L\n15 a 22 1:0:48\n$", output)
  end)

  it("prints a dump after every N-th request and at the end, then a report", function()
    local output = output_of("a 1 8\na 2 8\na 3 8\na 4 8\n",
      { placements = true, dump_every = 2, dump = true, stats = true })
    local marks = {}
    for line in output:gmatch("[^\n]+") do
      table.insert(marks, line:match("^STA%u+ %d+") or line:match("^END") or
        line:match("^(%d+) a %d"))
    end
    assert.equal("1, 2, STATE 2, END, 3, 4, STATE 4, END, STATE 4, END, STATS 4, END",
      table.concat(marks, ", "))
  end)

  it("prints a dump at each d and a report at each s", function()
    local output = output_of("d\na 1 8\ns\n", {})
    assert.matches("^STATE 0\nglobals maxarenas=0 [^\n]*\nusable\nunused\nEND\nSTATS 1\nSmall",
      output)
    assert.matches("\nTotal +=[ %d,]+\nEND\n$", output)
  end)

  it("leaves the arena map out of reports if the option says so", function()
    local with = output_of("s\n", { heap = { profile = "3.11" } })
    local without = output_of("s\n", { heap = { profile = "3.11" }, arena_map = false })
    assert.matches("arena map counts", with)
    assert.is_nil(without:find("arena map counts", 1, true))
    assert.matches("\nTotal +=[ %d,]+\nEND\n$", without)
  end)

  it("continues after k if every invariant holds", function()
    assert.equal(2, assert(replay_text("k\na 1 8\nk\nf 1\nk\n")).requests)
  end)

  it("ends at a check that fails, and names the line and the invariant", function()
    local is_check, line, message = replay_damaged("a 1 8\nk\na 2 8\nk\na 2 8\n", 2)
    assert.is_true(is_check)
    assert.equal(4, line)
    assert.matches("^text:4: check failed: arenas%.counters: ", message)
  end)

  it("counts the requests of each kind and of each allocator", function()
    local summary = assert(replay_text("a 1 8\nc 2 4 25\nr 1 7\nr 1 100\nr 1 600\nr 1 5\n"
      .. "r 3 10\na 4 9223372036854775808\nf 1\nf 9\n"))
    assert.same({ 10, 2, 1, 5, 2 }, { summary.requests, summary.mallocs, summary.callocs,
      summary.reallocs, summary.frees })
    assert.same({ 5, 2, 1 }, { summary.small, summary.raw, summary.refused })
    assert.same({ 8, 100, 722 },
      { summary.malloc_bytes, summary.calloc_bytes, summary.realloc_bytes })
    assert.same({ 1, 2, 1, 1 }, { summary.realloc_in_place, summary.realloc_moved,
      summary.realloc_raw, summary.realloc_fresh })
    assert.same({ 1, 2, 110, 110 }, { summary.free_nothing, summary.live_blocks,
      summary.live_bytes, summary.live_small_bytes })
    assert.same({ 3, 700, 200 }, { summary.peak_live_blocks, summary.peak_live_bytes,
      summary.peak_live_small_bytes })
    assert.same({ 1, 1, 0 }, { summary.heap.arenas_current, summary.heap.arenas_highwater,
      summary.heap.raw_blocks })
  end)
end)
