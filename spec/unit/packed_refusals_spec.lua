-- Packed traces whose checksums fit and whose columns are wrong: csrc/trace/packed_reader.c,
-- packed_run.c and loaded_packed.c. Reading operation by operation and reading all at once into
-- memory end with the same message.

local command = require "spec.support.command"
local packed = require "spec.support.packed"
local pymalloc = require "pymalloc"

local leb = packed.leb

local LAST = 0xffffffffffffffff -- zigzag of the largest difference, -2^63

-- Fails unless both ways to read the blocks end with the problem in the last block, behind its
-- columns; or behind its head.
local function refuses(problem, blocks, is_in_head)
  local bytes = packed.forge(blocks)
  local message = (": block %d, before byte %d of the packed trace: %s"):format(#blocks - 1,
    is_in_head and 136 or #bytes - 116, problem)
  local text, error_text = packed.text(bytes)
  assert.is_nil(text)
  assert.equal("packed" .. message, error_text)
  local loaded, error_loaded = pymalloc.trace.loaded({ text = bytes })
  assert.is_nil(loaded)
  assert.equal(message, error_loaded:match(": block.*"))
end

-- Fails unless both ways give the operations of the text.
local function gives(text, blocks)
  local bytes = packed.forge(blocks)
  assert.equal(text, (packed.text(bytes)))
  local loaded <close> = assert(pymalloc.trace.loaded({ text = bytes }))
  local expected <close> = assert(pymalloc.trace.loaded({ text = text }))
  assert.equal(#expected, #loaded)
end

describe("a forged packed trace", function()
  it("is valid if it says nothing wrong", function()
    gives("a 1 8\nc 2 1 8\nr 2 8\nf 2\n", { { requests = "acrf" } })
    gives("a 1 8\nm x\nf 1\n", { { requests = "af", count = 1, others = "\1m\1x" } })
    gives("a 1 8\na 2 8\n", { { requests = "a" }, { requests = "a" } })
  end)
end)

-- The first requests of a block are read one by one until there is a slot, and then by the loop
-- over plain requests, which leaves the others to the same functions as before.
for where, before in pairs { ["as its first request"] = "", ["after a malloc"] = "a" } do
  local function after(requests)
    return before .. requests
  end

  describe("a packed trace is refused where " .. where, function()
    it("a free or a realloc is of a slot without a live block", function()
      for _, letter in ipairs { "f", "r" } do
        for _, move in ipairs { "\3", "\2", "\0" } do -- 1, -1, far
          refuses("a block is not live", { { requests = after(letter), moves = move,
            moves_far = move == "\0" and leb(1001) or "" } })
        end
      end
    end)

    it("a block is freed twice", function()
      refuses("a block is not live", { { requests = after "aff" } })
      refuses("a block is not live", { { requests = after "afr" } })
    end)

    it("an id is 0", function()
      local minus = #before * 2 + 1 -- zigzag of the difference to 0 from the predicted or newest id
      for by_slot = 0, 1 do
        for _, letter in ipairs { "a", "c" } do
          refuses("an id is 0", { { requests = after(letter), by_slot = by_slot,
            ids = leb(#before * 2, minus) } })
        end
      end
      for _, letter in ipairs { "f", "r" } do
        refuses("an id is 0", { { requests = after(letter), moves = "\0", moves_far = "\0",
          strangers = leb(math.max(#before * 2 - 1, 0)) } })
      end
    end)

    it("a malloc is said to be of a live id and is of a slot without one", function()
      refuses("a block is not live", { { requests = after "a", ids = leb(#before * 2 + 1, 4) } })
      refuses("a block is not live", { { requests = after "c", ids = leb(#before * 2 + 1, LAST) } })
    end)

    it("one of the columns ends too early", function()
      local early = "a column ends too early"
      for _, wrong in ipairs {
        { requests = after "c", counts = "" },
        { requests = after "c", counts = "\x80" },
        { requests = after "cc", counts = ("\x80"):rep(11) }, -- more than 64 bits
        { requests = after "c", counts = ("\x80"):rep(9) .. "\2" },
        { requests = after "a", sizes = before:gsub(".", "\9") .. "\0" },
        { requests = after "f", moves = "\0" },
        { requests = after "f", moves = "\0", moves_far = "\0" },
        { requests = after "ar", sizes = before:gsub(".", "\9") .. "\9\0" },
        { requests = after "a", ids = "\x80" },
        { requests = after "a", ids = leb(#before * 2) },
        { requests = after "aa", ids = leb(#before * 2, 0) .. "\x80" },
        { requests = after "a", sites = #before == 0 and "\x80" or "\0" },
        { requests = after "a", count = 1 },
        { requests = after "a", count = 1, others = leb(#before) },
        { requests = after "a", count = 2, others = leb(#before) .. "d" },
        { requests = after "a", count = 1, others = leb(#before) .. "x" },
        { requests = after "a", count = 1, others = leb(#before) .. "o\x80" },
        { requests = after "a", count = 1, others = leb(#before) .. "i" },
        { requests = after "a", count = 1, others = leb(#before) .. "w" },
        { requests = after "a", count = 1, others = leb(#before) .. "w\0" },
        { requests = after "a", count = 1, others = leb(#before) .. "m" },
      } do
        refuses(early, { wrong })
      end
    end)

    it("an operation that is no request is wrong", function()
      local long = "m" .. leb(201) .. ("x"):rep(201)
      for other, problem in pairs {
        ["i" .. leb(65536)] = "the number of an interpreter is too large",
        ["o" .. leb(1 << 50)] = "an offset is too large",
        ["w" .. leb(1, 1) .. "x"] = "the parent of a site is not defined",
        ["w" .. leb(0, 0)] = "a text is not valid",
        ["m" .. leb(2) .. "x"] = "a text is too long",
        [long] = "a text is not valid",
        ["m\2 x"] = "a text is not valid",
        ["m\2x "] = "a text is not valid",
        ["m\1\n"] = "a text is not valid",
        ["a"] = "an operation is not known",
        ["f"] = "an operation is not known",
        ["\0"] = "an operation is not known",
        ["\xff"] = "an operation is not known",
      } do
        refuses(problem, { { requests = after "a", count = 1, others = leb(#before) .. other } })
      end
    end)

    it("a request has a site that was not defined", function()
      for _, letter in ipairs { "a", "c" } do
        refuses("a site is not defined", { { requests = after(letter),
          sites = before:gsub(".", "\0") .. "\2" } })
        refuses("a site is not defined", { { requests = after(letter),
          sites = before:gsub(".", "\0") .. "\1" } })
      end
      refuses("a site is not defined", { { requests = after "ar",
        sites = before:gsub(".", "\0") .. "\0\2" } })
    end)
  end)
end

describe("a packed trace is refused where", function()
  it("the next operation that is no request stands behind the last request", function()
    refuses("a request is missing", { { requests = "a", count = 1, others = leb(2) .. "d" } })
    refuses("a request is missing", { { count = 1, others = leb(1) .. "d" } })
  end)

  it("a column has more than the block needs", function()
    for _, wrong in ipairs {
      { requests = "a", sites = "\0\0" },
      { requests = "a", sizes_far = "\1" },
      { requests = "a", moves_far = "\1" },
      { requests = "a", counts = "\1" },
      { requests = "a", strangers = "\1" },
      { requests = "a", ids = leb(4, 0) },
      { requests = "a", count = 1, others = "\0dd" },
    } do
      -- The block behind it finds the bytes that are left.
      local bytes = packed.forge { wrong }
      local _, problem = packed.text(bytes)
      assert.equal(("packed: block 0, before byte %d of the packed trace: a column is too long")
        :format(#bytes - 116), problem)
    end
  end)

  it("the column of letters, sizes or moves has another length than the requests", function()
    for _, wrong in ipairs {
      { requests = "a", letters = "" }, { requests = "aaaa", letters = "\0\0" },
      { requests = "f", moves = "\1\1" }, { requests = "a", ids = ("\0"):rep(21) },
    } do
      refuses("a length is wrong", { wrong }, true)
    end
    for _, wrong in ipairs {
      { requests = "a", sizes = "" }, { requests = "af", moves = "" },
      { requests = "a", moves = "\1" }, { requests = "f", moves = "\1", sizes = "\9" },
      { requests = "a", sizes_high = "\0" }, { requests = "a", sizes_high = "\1\1" },
      { requests = "af", moves_high = leb(0, 1 << 40) },
    } do
      refuses("a length is wrong", { wrong })
    end
  end)
end)

-- Fails unless the bytes, packed once more by gzip and then changed, are refused by this message.
local function refuses_file(message, bytes, change)
  local plain <close> = command.file(bytes, ".ptrace")
  local gzip <close> = command.file("", ".ptrace.gz")
  assert.equal(0, select(3, command.run(("gzip -c %s >%s"):format(plain.path, gzip.path))))
  local changed = change(command.read(gzip.path))
  local file <close> = assert(io.open(gzip.path, "wb"))
  file:write(changed)
  file:close()
  for _, read in ipairs { pymalloc.trace.loaded, pymalloc.trace.replay_file } do
    local result, problem = read(gzip.path)
    assert.is_nil(result)
    assert.equal(gzip.path .. ": " .. message, problem)
  end
end

describe("a packed trace in a file of gzip", function()
  -- More bytes than a reader takes at a time. No block is large: the sanitizers mark each byte.
  local bytes = assert(packed.pack((packed.random(6, 60000):gsub("(r %d+) %d+", "%1 600"))))
  local damaged = "the file cannot be unpacked by 'gzip -dc': damaged, or not of its kind"

  it("is refused if the file is cut off", function()
    refuses_file(damaged, bytes, function(whole) return whole:sub(1, #whole // 2) end)
  end)

  it("is refused if the checksum of gzip, behind the last block, is wrong", function()
    refuses_file(damaged, bytes, function(whole)
      return whole:sub(1, -9) .. string.char(whole:byte(-8) ~ 1) .. whole:sub(-7)
    end)
  end)
end)

describe("a packed trace may have", function()
  it("a calloc whose product is above 2^64 - 1, by any of the ways to read it", function()
    gives("a 1 8\nc 2 18446744073709551615 8\n", { { requests = "ac", counts = leb(-1) } })
    gives("c 1 18446744073709551615 8\n", { { requests = "c", counts = leb(-1) } })
  end)

  it("a block without sites behind one that has them", function()
    gives("w 1 0 f\na 1 8 @1\na 2 8\na 3 8\n", { { requests = "a", count = 1, sites = "\2",
      others = "\0w\0\1f" }, { requests = "aa" } })
  end)

  it("blocks of frees and reallocs alone, behind which ids go on", function()
    local blocks = { { requests = "aaaa" }, { requests = "rf" },
      { requests = "r", moves = "\2" }, { requests = "a", by_slot = 0 } }
    gives("a 1 8\na 2 8\na 3 8\na 4 8\nr 4 8\nf 4\nr 3 8\na 5 8\n", blocks)
  end)

  it("ids by slot behind ids that are not their slots plus 1", function()
    gives("a 1 8\na 9 8\nf 9\na 9 8\n", { { requests = "aa", ids = leb(2, 14) },
      { requests = "fa" } })
    gives("a 1 8\na 9 8\nf 9\nc 9 1 8\n", { { requests = "aa", ids = leb(2, 14) },
      { requests = "fc" } })
  end)

  it("the largest id, behind which the next id is 0", function()
    refuses("an id is 0", { { requests = "aa", by_slot = 0, ids = leb(0, 3) } })
    refuses("an id is 0", { { requests = "aac", by_slot = 0, ids = leb(2, 5) } })
  end)
end)
