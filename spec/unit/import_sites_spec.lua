local import = require "pymalloc.import"
local pymalloc = require "pymalloc"

local HEAD = "# pymalloc trace 1\n"

-- The text of a trace with wrong lines left out, without its head and empty lines, and its notes.
local function kept(text)
  local trace, notes = pymalloc.trace.parse(HEAD .. text, { lenient = true })
  return (trace.text:sub(#HEAD + 1):gsub("\n\n+", "\n")), notes
end

-- The name of the site of each request of a trace.
local function names(text)
  local run <close> = assert(pymalloc.replay { text = HEAD .. text })
  local list = {}
  for number = 1, run.length do
    list[number] = (run:request(number).where or { "-" })[1]
  end
  return table.concat(list, " ")
end

describe("a trace in which the line of a site is lost", function()
  it("keeps the numbers of the sites after it, and requests of it without a site", function()
    local text, notes = kept("w 1 0 one\nw 2 1 \255\nw 2x1 two\na 1 8 @2\nw 3 2 three\n"
      .. "a 2 8 @3\nw 4 1 four\na 3 8 @4\na 4 8 @2\n")
    assert.equal("w 1 0 one\nw 2 1 \255\na 1 8 @2\nw 3 2 three\na 2 8 @3\nw 4 1 four\na 3 8 @4\n"
      .. "a 4 8 @2\n", text)
    assert.same({ 1, 0 }, { notes.skipped, notes.unsited })
    text, notes = kept("w 1 0 one\nw 2x1 two\na 1 8 @2\nw 3 2 three\na 2 8 @3\nw 4 1 four\n"
      .. "a 3 8 @4\na 4 8 @2\n")
    assert.equal("w 1 0 one\na 1 8\nw 2 0 (lost line)\nw 3 2 three\na 2 8 @3\nw 4 1 four\n"
      .. "a 3 8 @4\na 4 8 @2\n", text)
    assert.same({ 1, 1, 4 }, { notes.skipped, notes.unsited, notes.requests })
    assert.equal("- three four (lost", names(text):sub(1, 18))
  end)

  it("leaves out a single definition whose number is too large", function()
    local text, notes = kept("w 1 0 one\nw 900 1 two\na 1 8 @2\nw 3 1 three\na 2 8 @3\n")
    assert.equal("w 1 0 one\na 1 8\nw 2 0 (lost line)\nw 3 1 three\na 2 8 @3\n", text)
    assert.same({ 1, 1 }, { notes.skipped, notes.unsited })
  end)

  it("defines the lost sites before two definitions in a row with larger numbers", function()
    local text, notes = kept("w 1 0 one\nw 40 1 forty\na 1 8 @40\nw 41 40 next\na 2 8 @41\n"
      .. "a 3 8 @40\n")
    local lost = {}
    for site = 2, 39 do
      lost[#lost + 1] = ("w %d 0 (lost line)\n"):format(site)
    end
    assert.equal("w 1 0 one\na 1 8\n" .. table.concat(lost)
      .. "w 40 1 forty\nw 41 40 next\na 2 8 @41\na 3 8 @40\n", text)
    assert.same({ 0, 1, 3 }, { notes.skipped, notes.unsited, notes.requests })
  end)

  it("defines no more lost sites than 2^20", function()
    local text, notes = kept("w 1 0 one\nw 4000000000 1 x\nw 4000000001 1 y\nw 2 1 two\n"
      .. "a 1 8 @2\n")
    assert.equal("w 1 0 one\nw 2 1 two\na 1 8 @2\n", text)
    assert.equal(2, notes.skipped)
  end)

  it("is read in the same way in pieces of any length", function()
    local whole = HEAD .. "w 1 0 one\nw 2x1 two\na 1 8 @2\nw 3 2 three\na 2 8 @3\nw 9 3 nine\n"
      .. "w 10 9 ten\na 3 8 @10\nr 3 9 @11\nf 3\n"
    local expected = pymalloc.trace.parse(whole, { lenient = true }).text
    for length = 1, #whole do
      local at, pieces = 1, {}
      local input = {
        head = function() return whole end,
        piece = function()
          local piece = whole:sub(at, at + length - 1)
          at = at + length
          return piece ~= "" and piece or nil
        end,
      }
      local notes = import.run(input, "text", { lenient = true }, function(piece)
        pieces[#pieces + 1] = piece
      end)
      assert.equal(expected, table.concat(pieces))
      assert.same({ 5, 2, 1 }, { notes.requests, notes.unsited, notes.skipped })
    end
  end)

  it("is refused where wrong lines are not left out", function()
    local trace, problem = pymalloc.trace.parse(HEAD .. "w 1 0 one\nw 3 1 three\na 1 8 @3\n")
    assert.is_nil(trace)
    assert.matches("^text:3: ", problem)
  end)
end)
