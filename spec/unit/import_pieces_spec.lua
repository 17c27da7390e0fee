-- The result of an import does not depend on where the input is split into pieces, nor on
-- which of its lines are read in C.

local import = require "pymalloc.import"

local samples = {
  ltrace = [[
7 malloc(10) = 0x10
12:00:01 a.out->malloc(11) = 0x110 <0.1>
7 calloc(2, 20 <unfinished ...>
8 realloc(0x10, 30) = 0x30
7 <... calloc resumed> ) = 0x20
7 free(0x30) = <void>

7 fork() = 9
9 malloc(1) = 0x40
7 realloc(0x20, 0) = nil
7 malloc(x) = 0x50
7 malloc(5]],
  valgrind = [[
==5== Memcheck
--5-- malloc(10) = 0x10
--5-- calloc(9,9)malloc(24) = 0x20
--5-- realloc(0x10,0)free(0x10)
--5--  = 0
--6-- free(0x20)
--5-- free(0x20)
--5-- malloc(
]],
  mtrace = [[
= Start
@ a:[0x1] + 0x10 0xa
@ a:[0x1] < 0x10
@ a:[0x1] > 0x20 0x14
@ a:[0x1] + (nil) 0x7f
@ a:[0x1] ! 0x20 0x7f
@ a + 0x
@ a:[0x1] - 0x20
= End
]],
  malloclab = "9\r\n3\r\n7\n1\na 0 16\nr 1 24\nf -1\nr 0 90\na 0 1\nf 0\na 2 5\nf 1\na 2 7\n",
  pymalloc = "# pymalloc trace 1\na 1 8\nhello\nw 1 0 main\na 2 9 @1\n\nf 1\r\nm load\nf x\nr 2 30",
}

-- An input that gives the pieces of a list, as pymalloc.input does.
local function input_of(pieces)
  local at = 0
  return {
    head = function() return table.concat(pieces) end,
    piece = function()
      at = at + 1
      return pieces[at]
    end,
  }
end

-- The trace and the notes of an input in pieces.
local function imported(pieces, format)
  local written = {}
  local notes, problem = import.run(input_of(pieces), "text", { format = format, lenient = true },
    function(piece) table.insert(written, piece) end)
  assert(notes, problem)
  return { table.concat(written), notes }
end

local function random_pieces(text)
  local pieces, at = {}, 1
  while at <= #text do
    local bytes = math.random(math.random(40))
    table.insert(pieces, text:sub(at, at + bytes - 1))
    at = at + bytes
  end
  return pieces
end

describe("importing in pieces", function()
  for format, text in pairs(samples) do
    it("gives the same for " .. format .. " with each place where it is split in two", function()
      local expected = imported({ text }, format)
      assert.is_true(expected[2].requests >= 3 and expected[2].skipped + expected[2].beyond > 0)
      for at = 1, #text - 1 do
        assert.same(expected, imported({ text:sub(1, at), text:sub(at + 1) }, format))
      end
    end)

    it("gives the same for " .. format .. " in random pieces", function()
      local expected = imported({ text }, format)
      for _ = 1, 200 do
        assert.same(expected, imported(random_pieces(text), format))
      end
    end)

    local reader = require("pymalloc.import." .. (format == "pymalloc" and "own" or format))
    if reader.templates then
      it("gives the same for " .. format .. " without lines that are read in C", function()
        local expected, templates = imported({ text }, format), reader.templates
        reader.templates = nil
        local ok, got = pcall(imported, { text }, format)
        reader.templates = templates
        assert.is_true(ok, got)
        assert.same(expected, got)
      end)
    end
  end
end)
