-- Inputs that are endless, large or no logs: 'pymalloc convert' reports them within a bound on
-- memory and in a short time.

local command = require "spec.support.command"

local KIB_MOST = 64 * 1024 -- of address space, for the command and the tool that unpacks
local SECONDS_MOST = 600 -- on a machine that does other work too; it takes less than one

-- The build with AddressSanitizer, which reserves terabytes of addresses, has no
-- pymalloc.preload.
local function has_sanitizer()
  return package.searchpath("pymalloc.preload", package.cpath) == nil
end

-- Runs convert within the bounds, on an input that a shell command writes, or on a path.
local function convert(from, options, to)
  local producer, path = from:match("^(.*)|$"), from
  if producer then
    path = "-"
  end
  local _, errors, code = command.run(("ulimit -v %d; %s timeout %d %s convert %s %s %s")
    :format(KIB_MOST, producer and producer .. " 2>/dev/null |" or "", SECONDS_MOST,
      command.pymalloc, options or "", path, to or "/dev/null"))
  return code, errors
end

describe("pymalloc convert, with a bound on memory,", function()
  if has_sanitizer() then
    return pending("a sanitizer needs more addresses")
  end

  it("has not enough memory for a large pickle, and says so", function()
    for _, options in ipairs { "--format pytorch", "--format pytorch --lenient" } do
      assert.same({ 1, "pymalloc: not enough memory\n" }, { convert("{ printf "
        .. "'\\200\\2X\\0\\0\\0\\6device_traces'; head -c 100000000 /dev/zero; } |", options) })
    end
  end)

  it("reads a pickle up to its first wrong operation", function()
    assert.same({ 1, "pymalloc: standard input: the pickle has no mark at byte 4\n" },
      { convert("{ printf '\\200\\2device_traces'; cat /dev/zero; } |", "--format pytorch") })
  end)

  for from, problem in pairs {
    ["/dev/zero"] = "/dev/zero is not text: it has zero bytes",
    ["cat /dev/zero |"] = "standard input is not text: it has zero bytes",
    ["cat /dev/urandom |"] = "standard input is not text: it has zero bytes",
    ["yes |"] = "standard input: the format is none of pymalloc, ",
    ["yes | tr -d '\\n' |"] = "standard input: the format is none of pymalloc, ",
    ["{ echo 'malloc(1) = 0x10'; yes | tr -d '\\n'; } |"] =
      "standard input:2: a line is longer than 1048576 bytes",
    ["{ echo 'a 1 8'; yes | tr -d '\\n'; } |"] =
      "standard input:2: a line is longer than 1048576 bytes",
    ["{ echo '#'; yes '#' | tr -d '\\n'; } |"] = "standard input: the format is none of pymalloc, ",
    ["{ echo 'malloc(1) = 0x10'; cat /dev/zero; } |"] =
      "standard input is not text: it has zero bytes",
    ["{ echo '= Start'; yes '@ x'; } |"] =
      "standard input:2: this line is not of format mtrace: '@ x'",
  } do
    it("refuses the input of: " .. from, function()
      local code, errors = convert(from)
      assert.same({ 1, "pymalloc: " .. problem }, { code, errors:sub(1, #problem + 10) })
    end)
  end

  it("refuses packed files that unpack to a thousand times as many bytes", function()
    for suffix, tool in pairs { gz = "gzip -1", xz = "xz -0", zst = "zstd -q" } do
      if os.execute(("command -v %s >/dev/null"):format(tool:match("%a+"))) then
        local zeros <close> = command.file("", "." .. suffix)
        local letters <close> = command.file("", "." .. suffix)
        assert(os.execute(("head -c 100000000 /dev/zero | %s > %s"):format(tool, zeros.path)))
        assert(os.execute(("{ echo 'malloc(1) = 0x10'; head -c 100000000 /dev/zero | tr '\\0' x; } "
          .. "| %s > %s"):format(tool, letters.path)))
        local code, errors = convert(zeros.path)
        assert.same({ 1, ("pymalloc: %s is not text: it has zero bytes\n"):format(zeros.path) },
          { code, errors })
        code, errors = convert(letters.path)
        assert.equal(1, code)
        assert.is_truthy(errors:find(letters.path .. ":2: a line is longer than", 1, true), errors)
      end
    end
  end)

  for format, pair in pairs {
    ltrace = "12:00:01 malloc(1) = 0x10\n12:00:01 free(0x10) = <void>",
    pymalloc = "# a pair of requests, and a comment of some length\na 1 8\nf 1",
  } do
    it("reads and writes 100 MB of format " .. format .. " in pieces", function()
      local code, errors = convert(("yes '%s' | head -c 100000000 | sed '$d' |"):format(pair))
      assert.equal(0, code, errors)
      local count = tonumber(errors:match("^pymalloc: (%d+) requests of format"))
      assert.is_true(count >= 2 * (100000000 // (#pair + 1)) - 1)
    end)
  end
end)
