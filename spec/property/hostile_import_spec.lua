-- Damaged texts of each format that can be imported: a text that parse accepts can be
-- replayed, and for any other parse returns a message. The environment variable
-- PYMALLOC_SEED selects other texts.

local pymalloc = require "pymalloc"
local core = require "pymalloc.core"
local requests = require "spec.support.requests"

local SEED = tonumber(os.getenv("PYMALLOC_SEED") or 1)
local ROUNDS = 400 -- of each format

local SAMPLES = {
  pymalloc = "# pymalloc trace 1\na 1 10\nc 2 3 8\nr 1 700\nf 2\nx 3\nk\nd\ns\nf 1\n",
  malloclab = "2\n4\na 0 10\na 1 20\nr 0 700\nf 0\n",
  mtrace = "= Start\n@ ./a:[0x1] + 0x55d0 0xa\n@ ./a:[0x2] < 0x55d0\n"
    .. "@ ./a:[0x2] > 0x5600 0x2bc\n@ ./a:[0x3] - 0x5600\n= End\n",
  valgrind = "==5== Memcheck\n--5-- malloc(10) = 0x4A43040\n--5-- calloc(3,8) = 0x4A43090\n"
    .. "--5-- realloc(0x4A43040,700) = 0x4A430F0\n--5-- free(0x4A43090)\n",
  ltrace = "malloc(10) = 0x55d0\ncalloc(3, 8) = 0x55e0\nrealloc(0x55d0, 700) = 0x5600\n"
    .. "puts(\"x\") = 2\nfree(0x55e0) = <void>\n+++ exited (status 0) +++\n",
  memray = "HEADER magic=memray\nCONTEXT_SWITCH tid=1\nFRAME_PUSH frame_id=1\n"
    .. "FRAME_ID frame_id=1 function_name=f filename=/a/b.py lineno=3 is_entry_frame=1\n"
    .. "ALLOCATION address=0x55d0 size=10 allocator=malloc native_frame_id=0\n"
    .. "FRAME_PUSH code_object_id=2 instruction_offset=4 is_entry_frame=0\nFRAME_POP count=2\n"
    .. "ALLOCATION address=0x55d0 size=0 allocator=free native_frame_id=0\n",
}

local PIECES = { "\n", "\r", "\0", " ", "-1", "0", "18446744073709551616", "9223372036854775807",
  "0x", "0xffffffffffffffffff", "1e9", "nan", "f 1", "a 1 1", "(", ")", "=", "<", "--5--", "\xff",
  "realloc(", "@ ", ("9"):rep(40) }

local ways = {
  function(random, text) -- inserts a piece
    local at = random(0, #text)
    return text:sub(1, at) .. PIECES[random(1, #PIECES)] .. text:sub(at + 1)
  end,
  function(random, text) -- removes some bytes
    local at = random(1, #text)
    return text:sub(1, at - 1) .. text:sub(at + random(1, 5))
  end,
  function(random, text) -- replaces a byte
    local at = random(1, #text)
    return text:sub(1, at - 1) .. string.char(random(0, 255)) .. text:sub(at + 1)
  end,
  function(random, text) -- repeats a part at the end
    local first = random(1, #text)
    return text .. text:sub(first, first + random(0, 40))
  end,
  function(random, text) -- cuts off the end
    return text:sub(1, random(0, #text))
  end,
}

local function damaged(random, text)
  for _ = 1, random(1, 4) do
    text = #text > 0 and ways[random(1, #ways)](random, text) or PIECES[random(1, #PIECES)]
  end
  return text
end

-- Replays the trace. It reaches its end, or the error names a line.
local function assert_replays(trace, about)
  local summary, message, kind = core.trace.replay_text(trace.text,
    { heap = { profile = "classroom", max_bytes = 1 << 24 } })
  assert(summary or kind == "trace" and message:match(":%d+: "), about)
end

for name, sample in pairs(SAMPLES) do
  describe("a damaged text of the format " .. name, function()
    it("is accepted and can be replayed, or is refused with a message", function()
      local random = requests.random(SEED)
      local taken, refused = 0, 0
      for round = 1, ROUNDS do
        local text = damaged(random, sample)
        local about = ("%s, round %d: %q"):format(name, round, text)
        local ok, trace, notes = pcall(pymalloc.trace.parse, text,
          { lenient = round % 3 == 0 or nil, format = round % 5 == 0 and name or nil })
        assert(ok, about .. "\n" .. tostring(trace))
        if trace then
          taken = taken + 1
          assert_replays(trace, about)
        else
          refused = refused + 1
          assert(type(notes) == "string" and #notes > 0, about)
        end
      end
      assert.is_true(taken > 10 and refused > 10, taken .. " taken, " .. refused .. " refused")
    end)
  end)
end
