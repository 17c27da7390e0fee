-- Packed traces: csrc/trace/packed_*.c, loaded_packed.c, slots.c, base/compress.c, and their
-- reading and writing by functions and commands.

local command = require "spec.support.command"
local core = require "pymalloc.core"
local packed = require "spec.support.packed"
local pymalloc = require "pymalloc"

local TEXT = "# made by hand\na 1 24\nc 2 3 8\nr 1 600\nf 2\nf 1\n"

local function round_trip(text)
  return packed.text(assert(packed.pack(text)))
end

-- Calls f in an empty folder, with its path.
local function in_folder(f)
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir " .. folder))
  local _ <close> = setmetatable({}, { __close = function()
    os.execute("rm -r " .. folder)
  end })
  f(folder)
end

describe("a packed trace", function()
  it("has every operation of the text, with all numbers", function()
    local text = "w 1 0 app.py:30 main\nw 2 1 \xC3\xA9 f\na 1 24 @2\nc 2 3 8 @1\nr 1 600\n"
      .. "m load\ni 65535\na 1 8 @2\nf 1\ni 0\nd\ns\nk\nx 7\nx -1\nx 0\n"
      .. "o 1048575\no 0\nf 2\nf 99\nr 77 0\n"
      .. "a 18446744073709551615 18446744073709551615\nf 18446744073709551615\n"
      .. "c 5 18446744073709551615 18446744073709551615\na 9223372036854775808 0\na 1 5\n"
    assert.equal(text, (round_trip(text)))
  end)

  it("has every operation of traces of several blocks", function()
    for seed = 1, 12 do
      local text = packed.random(seed, seed == 1 and 150000 or 3000, seed % 2 == 0 or seed == 1)
      assert.is_true(text == round_trip(text), "seed " .. seed)
    end
  end)

  it("has no operation where the text has none", function()
    assert.equal("", (round_trip("# nothing\n")))
    assert.equal(0, #assert(pymalloc.trace.loaded({ text = packed.pack("") })))
  end)

  it("can have texts of 200 bytes in every line, over several blocks", function()
    local text = ("m " .. ("x"):rep(200) .. "\n"):rep(40000) .. "a 1 8\nf 1\n"
    assert.is_true(text == round_trip(text))
  end)

  it("is shorter than the text that xz packs, for the traces of this folder", function()
    in_folder(function(folder)
      for _, name in ipairs { "startup", "json" } do
        local path = ("%s/%s.ptrace"):format(folder, name)
        assert(pymalloc.trace.save(assert(pymalloc.trace.load("@" .. name)), path))
        local file <close> = assert(io.open(path, "rb"))
        local other <close> = assert(io.open(("traces/cpython-%s.trace.xz"):format(name), "rb"))
        assert.is_true(file:seek("end") < other:seek("end"))
      end
    end)
  end)
end)

describe("a packed trace in memory", function()
  -- Requests, ids, sizes and handles of a loaded trace, through its replay by a run.
  local function steps_of(trace, options)
    local run <close> = assert(pymalloc.replay(trace, options))
    local lines = { run.length, run.left_out }
    for op = 1, run.length do
      run:seek(op)
      local request = run:request()
      table.insert(lines, ("%s %d %s %s"):format(request.operation or request.kind, request.id,
        request.bytes, run.heap:stats().blocks))
    end
    for _, mark in ipairs(run:marks()) do
      table.insert(lines, mark.op .. " " .. mark.text)
    end
    return table.concat(lines, "\n")
  end

  it("has the requests of the text, of each interpreter", function()
    for seed = 20, 23 do
      local text = packed.random(seed, 600, seed % 2 == 0):gsub("\na %d+ 8\n", "\n")
      local bytes = assert(packed.pack(text))
      for _, interpreter in ipairs { 0, 1, 300, 7 } do
        local options = { interpreter = interpreter, profile = "3.11" }
        assert.equal(steps_of({ text = text }, options), steps_of({ text = bytes }, options))
      end
    end
  end)

  it("has sizes of one byte and of more, and those that the third column has", function()
    local lines = {}
    for id, bytes in ipairs { 8, 254, 255, 256, 511, 65535, (1 << 30) - 3, (1 << 30) - 2,
      (1 << 30) - 1, 1 << 30, 7, (1 << 32) - 2, (1 << 32) - 1, 1 << 32, 1 << 40, 9 } do
      table.insert(lines, ("a %d %d\na %d 24\nf %d\n"):format(id, bytes, id + 1, id + 1))
    end
    local text = table.concat(lines)
    assert.equal(steps_of({ text = text }), steps_of({ text = packed.pack(text) }))
  end)

  it("refuses ids that are live already as the text does", function()
    for _, text in ipairs { "a 1 8\na 2 8\na 1 8\n", "a 1 8\nf 1\na 1 8\n", "c 3 1 1\nc 3 1 1\n",
      "a 1 9223372036854775808\na 1 8\n" } do
      local expected = table.pack(pymalloc.trace.loaded({ text = text }))
      local got = table.pack(pymalloc.trace.loaded({ text = packed.pack(text) }))
      assert.same({ expected[2], expected[3] }, { got[2], got[3] })
      assert.equal(expected[1] == nil, got[1] == nil)
    end
  end)
end)

describe("every function that takes a trace", function()
  it("takes a packed one, from a file, a packed file or memory", function()
    in_folder(function(folder)
      local trace = assert(pymalloc.trace.load("@startup"))
      for _, ending in ipairs { "", ".gz", ".xz", ".zst" } do
        local path = folder .. "/t.ptrace" .. ending
        assert.is_true(assert(pymalloc.trace.save(trace, path)))
        assert.equal(trace.text, assert(pymalloc.trace.load(path)).text:gsub("^[^\n]*\n", "", 1))
        assert.equal(43354, assert(pymalloc.replay(path)).length)
        assert.equal(43354, #assert(pymalloc.trace.loaded(path)))
        assert.same(pymalloc.trace.replay_file("@startup"), pymalloc.trace.replay_file(path))
        local next_one, state = pymalloc.trace.each(path)
        assert.same({ "malloc", 1, 56 }, { next_one(state) })
      end
      local file <close> = assert(io.open(folder .. "/t.ptrace", "rb"))
      local bytes = file:read("a")
      assert.same(pymalloc.trace.replay_file("@startup"), pymalloc.trace.replay_text(bytes))
      assert.equal("packed", select(2, pymalloc.trace.parse(bytes)).format)
    end)
  end)
end)

describe("pymalloc convert", function()
  local root = io.popen("pwd"):read("l")

  local function run(folder, line)
    return command.run(("cd %s && %s"):format(folder, line:gsub("%$P", root .. "/script/pymalloc")))
  end

  local function read(folder, name)
    return command.read(folder .. "/" .. name)
  end

  local function write(folder, name, text)
    local file <close> = assert(io.open(folder .. "/" .. name, "wb"))
    file:write(text)
  end

  it("packs a trace, keeps the comments before it, and gives the text again", function()
    in_folder(function(folder)
      write(folder, "t.trace", "# pymalloc trace 1\n" .. TEXT)
      local _, errors, code = run(folder, "$P convert t.trace t.ptrace && $P convert t.ptrace -")
      assert.equal("pymalloc: 5 requests of format pymalloc written to t.ptrace\n"
        .. "pymalloc: 5 requests of format packed written to standard output\n", errors)
      assert.equal(0, code)
      assert.equal(core.trace.PACKED_MAGIC, read(folder, "t.ptrace"):sub(1, 8))
      assert.equal("# pymalloc trace 1\n" .. TEXT, (run(folder, "$P convert t.ptrace -")))
      assert.equal("# pymalloc trace 1\n" .. TEXT, (run(folder, "cat t.ptrace | $P convert - -")))
    end)
  end)

  it("packs whatever the name with --to packed, also into a pipe and standard output", function()
    in_folder(function(folder)
      write(folder, "t.trace", TEXT)
      run(folder, "$P convert --to packed t.trace a && $P convert --to packed t.trace - >b && "
        .. "$P convert --to packed t.trace - | cat >c && mkfifo d.ptrace && (cat d.ptrace >e & "
        .. "$P convert t.trace d.ptrace; wait) && $P convert --to pymalloc t.trace f.ptrace")
      for _, name in ipairs { "b", "c", "e" } do
        assert.is_true(read(folder, "a") == read(folder, name), name)
      end
      assert.equal(core.trace.PACKED_MAGIC, read(folder, "a"):sub(1, 8))
      assert.equal(TEXT, read(folder, "f.ptrace"))
      assert.matches("malloc +1 +24 bytes", (run(folder, "$P replay - <a")))
      assert.matches("^0\n2\n5\n1\n", (run(folder, "$P convert --to malloclab a -")))
    end)
  end)

  it("says that an output is unchanged where it cannot be packed", function()
    in_folder(function(folder)
      write(folder, "t.ptrace", "older")
      local _, errors, code = run(folder, "ulimit -f 100; $P convert @json t.ptrace")
      assert.equal("pymalloc: t.ptrace cannot be written: File too large; t.ptrace is unchanged\n",
        errors)
      assert.equal(1, code)
      assert.equal("older", read(folder, "t.ptrace"))
      assert.equal("t.ptrace\n", (run(folder, "ls -A")))
    end)
  end)
end)

describe("without zlib", function()
  local SOURCES = "csrc/trace/{trace,trace_op,packed_reader,packed_block,packed_writer,"
    .. "packed_columns,packed_operands,slots}.c csrc/base/*.c csrc/memory/*.c"
  local PROGRAM = [[
    #include "trace/trace.h"
    #include "trace/packed_writer.h"
    #include <stdio.h>
    static bool put(void *file, const char *bytes, size_t count)
    {
      return fwrite(bytes, 1, count, file) == count;
    }
    int main(int count, char **words)
    {
      char why[600];
      struct trace_op op;
      struct trace *trace = trace_open(words[1], why, sizeof why);
      struct packed_writer *writer = packed_writer_open(put, stdout, "", 0);
      while (trace_next(trace, &op) == TRACE_OP)
        packed_writer_put(writer, &op);
      packed_writer_end(writer);
      fputs(trace_error(trace), stderr);
      packed_writer_close(writer);
      trace_close(trace);
      return count > 2;
    }]]

  it("a packed trace can be read if nothing is deflated, and written so", function()
    in_folder(function(folder)
      local source <close> = assert(io.open(folder .. "/read.c", "w"))
      source:write(PROGRAM)
      source:close()
      local compile = "LD_PRELOAD= bash -c 'cc -std=c11 -Icsrc -o %s/read %s/read.c %s'"
      local _, errors, code = command.run(compile:format(folder, folder, SOURCES))
      assert.equal(0, code, errors)
      local startup = ("%s/startup.ptrace"):format(folder)
      assert(pymalloc.trace.save(assert(pymalloc.trace.load("@json")), startup))
      local _, refusal = command.run(("%s/read %s >%s/out"):format(folder, startup, folder))
      assert.equal(startup .. ": block 0, before byte 136 of the packed trace: it is deflated, and "
        .. "this library was built without zlib", refusal)
      local plain, problem = command.run(("xz -dc traces/cpython-startup.trace.xz >%s/t && "
        .. "%s/read %s/t >%s/out && %s/read %s/out"):format(folder, folder, folder, folder, folder,
        folder))
      assert.equal("", problem)
      assert.is_true(#plain > 60000)
      assert.equal(pymalloc.trace.load("@startup").text, (packed.text(plain)))
    end)
  end)
end)
