-- Compares placements, states and reports with those that CPython's own code printed. Each
-- row of golden.tsv has a trace, a profile with an arena offset, and the length and SHA-256
-- of the whole output.
local lfs = require "lfs"

local command = require "spec.support.command"

local DATA = "spec/fidelity/data/"
local FLAGS = "--placements --dump-every 20000 --dump --stats --no-arena-map"

local function read_rows()
  local rows = {}
  for line in io.lines(DATA .. "golden.tsv") do
    local trace, profile, length, sha256 = line:match("^(%S+)\t(%S+)\t(%d+)\t(%x+)$")
    assert(trace, "a bad line in golden.tsv: " .. line)
    table.insert(rows,
      { trace = trace, profile = profile, length = tonumber(length), sha256 = sha256 })
  end
  return rows
end

local function is_file(path)
  return lfs.attributes(path, "mode") == "file"
end

local function trace_path(row)
  local path = DATA .. row.trace .. ".xz"
  return is_file(path) and path or "traces/" .. row.trace .. ".xz"
end

-- "3.11+4096" -> --profile 3.11 --arena-offset 4096
local function profile_flags(row)
  local name, offset = row.profile:match("^([^+]+)%+?(%d*)$")
  return ("--profile %s --arena-offset %d"):format(name, tonumber(offset) or 0)
end

local function replay_into(row, path)
  local _, errors, code = command.run(("%s replay %s %s %s >%s"):format(
    command.pymalloc, trace_path(row), profile_flags(row), FLAGS, path))
  assert.equal("", errors)
  assert.equal(0, code)
end

-- The expected lines; nil if only their checksum is known.
local function expected_lines(row)
  local path = DATA .. row.trace:gsub("%.trace$", "") .. "." .. row.profile .. ".expected"
  if is_file(path) then
    return io.lines(path)
  end
  return is_file(path .. ".xz") and command.unpacked_lines(path .. ".xz") or nil
end

local function first_difference(row, path)
  local expected = expected_lines(row)
  if not expected then
    return "the output differs; only the checksum of the expected output is known"
  end
  local number = 0
  for line in io.lines(path) do
    number = number + 1
    local wanted = expected()
    if line ~= wanted then
      return ("line %d: expected\n%s\ngot\n%s"):format(number, wanted or "(the end)", line)
    end
  end
  return ("the output ends after line %d; expected after it\n%s"):format(number, expected())
end

local function sha256_of(path)
  return (command.run("sha256sum " .. path)):match("^%x+")
end

local function check(row)
  local output <close> = command.file("")
  replay_into(row, output.path)
  if sha256_of(output.path) ~= row.sha256 then
    error(first_difference(row, output.path), 0)
  end
  assert.equal(row.length, lfs.attributes(output.path, "size"))
end

describe("a replay prints the output of CPython's own code", function()
  local rows = read_rows()

  it("for nine traces on six heaps", function()
    assert.equal(54, #rows)
  end)

  for _, row in ipairs(rows) do
    it(("in %s on %s"):format(row.trace, row.profile), function()
      check(row)
    end)
  end
end)
