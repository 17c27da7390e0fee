local core = require "pymalloc.core"

local pymalloc = require "pymalloc"
local replays = require "spec.support.replays"

local accepts, refuses = replays.accepts, replays.refuses
local replay_text = core.trace.replay_text

-- Everything that a loop over the trace gets.
local function operations_of(text)
  local list = {}
  for operation, id, bytes, count, site, name, parent in pymalloc.trace.each { text = text } do
    table.insert(list, { operation, id, bytes, count, site, name, parent })
  end
  return list
end

local w = "w 1 0 app.py:3 main\n"

describe("a site of a trace", function()
  it("is defined once, before its use, by a, c and r", function()
    accepts(w .. "w 2 1 app.py:9 load\na 1 8 @1\nc 2 3 8 @2\nr 2 9 @1\nr 3 1\nf 1\n", 5)
  end)

  it("is given by trace.each with its text and parent, and with each request", function()
    assert.same({
      { "site", nil, nil, nil, 1, "app.py:3 main", 0 }, { "site", nil, nil, nil, 2, "f x", 1 },
      { "malloc", 1, 8, nil, 2 }, { "calloc", 2, 8, 3, 1 }, { "realloc", 1, 9, nil, 1 },
      { "realloc", 1, 5 }, { "free", 1 }, { "mark", nil, nil, nil, nil, "load" },
      { "interpreter", nil, nil, 3 },
    }, operations_of(w .. "w\t2 1 \t f x \t\r\na 1 8 @2\nc 2 3 8\t@1 \nr 1 9 @1\r\nr 1 5\nf 1\n"
      .. "m  load \ni 3"))
  end)

  local order = "sites are numbered 1, 2, 3 in the order of their lines"
  local bad_lines = {
    { "a 1 8 @1", "a ID SIZE", "the site must be defined before" },
    { "a 1 8 @0", "a ID SIZE", "sites start at 1" },
    { "a 1 8 @4294967296", "a ID SIZE", "a site is at most 4294967295" },
    { "a 1 8 @4294967297", "a ID SIZE", "a site is at most 4294967295" },
    { "a 1 8 @18446744073709551617", "a ID SIZE",
      "a number is at most 18446744073709551615" },
    { "a 1 8 @", "a ID SIZE" },
    { "a 1 8 @ 1", "a ID SIZE" },
    { "a 1 8 @-1", "a ID SIZE" },
    { "a 1 8 @1 @1", "a ID SIZE" },
    { "a 1 8 @1x", "a ID SIZE" },
    { "a 1 8@1", "a ID SIZE" },
    { "a 1 @1", "a ID SIZE" },
    { "c 1 2 3 @9", "c ID N ELSIZE", "the site must be defined before" },
    { "r 1 3 @9", "r ID SIZE", "the site must be defined before" },
    { "f 1 @1", "f ID", "only lines a, c and r have a site" },
    { "d @1", "d", "only lines a, c and r have a site" },
    { "s @1", "s", "only lines a, c and r have a site" },
    { "k @1", "k", "only lines a, c and r have a site" },
    { "x 5 @1", "x N", "only lines a, c and r have a site" },
    { "i 5 @1", "i N", "only lines a, c and r have a site" },
    { "w 2 0 x", "w SITE PARENT TEXT", order },
    { "w 4294967295 0 x", "w SITE PARENT TEXT", order },
    { "w 1 1 x", "w SITE PARENT TEXT", "PARENT must be 0 or a site defined before" },
    { "w 1 2 x", "w SITE PARENT TEXT", "PARENT must be 0 or a site defined before" },
    { "w 0 0 x", "w SITE PARENT TEXT", "sites start at 1" },
    { "w 4294967297 0 x", "w SITE PARENT TEXT", "a site is at most 4294967295" },
    { "w 1 4294967296 x", "w SITE PARENT TEXT", "a site is at most 4294967295" },
    { "w 1 0", "w SITE PARENT TEXT" },
    { "w 1 0  \t ", "w SITE PARENT TEXT" },
    { "w 1 0x", "w SITE PARENT TEXT" },
    { "w 1 x", "w SITE PARENT TEXT" },
    { "w x", "w SITE PARENT TEXT" },
    { "w", "w SITE PARENT TEXT" },
    { "w 1 0 a\tb", "w SITE PARENT TEXT", "a text has no control characters" },
    { "w 1 0 \27[2J", "w SITE PARENT TEXT", "a text has no control characters" },
    { "w 1 0 a\0b", "w SITE PARENT TEXT", "a text has no control characters" },
    { "w 1 0 a\127", "w SITE PARENT TEXT", "a text has no control characters" },
    { "w 1 0 a\rb", "w SITE PARENT TEXT", "a text has no control characters" },
    { "w 1 0 " .. ("x"):rep(201), "w SITE PARENT TEXT", "a text has at most 200 bytes" },
    { "m", "m TEXT" },
    { "m ", "m TEXT" },
    { "mload", "m TEXT" },
    { "m " .. ("x"):rep(60000), "m TEXT", "a text has at most 200 bytes" },
    { "m \7", "m TEXT", "a text has no control characters" },
    { "i", "i N" },
    { "i x", "i N" },
    { "i -1", "i N" },
    { "i 65536", "i N", "an interpreter is at most 65535" },
    { "i 18446744073709551616", "i N", "a number is at most 18446744073709551615" },
    { "i 1 2", "i N" },
  }
  for _, case in ipairs(bad_lines) do
    it(("is refused in %q"):format(case[1]:sub(1, 40)), function()
      local _, message = replay_text("\n" .. case[1] .. "\n")
      local expected = ("text:2: expected '%s', found '"):format(case[2])
      assert.equal(expected, message:sub(1, #expected))
      assert.equal(case[3], message:match("%((.*)%)$"))
    end)
  end

  it("is not defined twice", function()
    refuses("text:2: expected 'w SITE PARENT TEXT', found 'w 1 0 app.py:3 main' (" .. order .. ")",
      w .. w)
  end)

  it("may have a text of 200 bytes, and any bytes from 128 on", function()
    accepts("w 1 0 " .. ("x"):rep(200) .. "\nw 2 1 \255\128\nm " .. ("\195\164"):rep(100), 0)
  end)

  it("does not leave its reason to an error of a later line", function()
    refuses("text:2: expected 'f ID', found 'f'", w .. "f\n")
    refuses("text:3: expected 'f ID', found 'f'", w .. "a 1 8 @1\nf\n")
  end)

  it("is read in the same way wherever the buffer ends", function()
    local text = w .. ("a 1 24 @1\nm a mark\nf 1\n"):rep(20)
    for length = 65536 - 60, 65536 do
      accepts("#" .. ("-"):rep(length - 2) .. "\n" .. text, 40)
    end
  end)
end)
