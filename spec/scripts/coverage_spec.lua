-- script/lib/coverage.py, which compares the marks in the sources with the branches that gcovr
-- counted.
local json = require "dkjson"

-- The text of a source file, in which `lines` adds text to single lines. By `counts`, both
-- branches of line 3 are taken, and one branch of line 6 is never taken.
local function source(lines)
  return table.concat({
    "int f(int i)",
    "{",
    "  if (i)" .. (lines[3] or ""),
    "    i++;" .. (lines[4] or ""),
    lines[5] or "",
    "  if (i < 0)" .. (lines[6] or ""),
    "    i--;" .. (lines[7] or ""),
    "}",
  }, "\n")
end

local function counts(path)
  return json.encode { files = { { file = path, lines = {
    { line_number = 3, branches = { { count = 1 }, { count = 2 } } },
    { line_number = 4, branches = {} },
    { line_number = 6, branches = { { count = 0 }, { count = 3 } } },
  } } } }
end

local function write(path, text)
  local file <close> = assert(io.open(path, "w"))
  file:write(text)
end

-- Runs the comparison for `source(lines)`; returns whether it succeeds, and its output, in
-- which the path is replaced by "line".
local function compare(lines)
  local path, list = os.tmpname(), os.tmpname()
  write(path, source(lines))
  write(list, counts(path))
  local run = io.popen("python3 script/lib/coverage.py " .. list .. " 2>&1")
  local output = run:read("a")
  local ok = run:close()
  os.remove(path)
  os.remove(list)
  return ok == true, (output:gsub(path:gsub("%p", "%%%0") .. ":", "line "))
end

local function refuses(lines, output)
  local ok, printed = compare(lines)
  assert.equal(output, printed)
  assert.is_false(ok)
end

local START, STOP = " /* GCOVR_EXCL_BR_START: i is positive */", " /* GCOVR_EXCL_BR_STOP */"

local check = os.execute("command -v python3 >/dev/null") and it
  or function(title) pending(title .. " (skipped: python3 is missing)") end

describe("the marks for branches that are not taken", function()
  check("pass if each such branch is between a start and a stop mark", function()
    local ok, output = compare { [5] = START, [7] = STOP }
    assert.equal("\n", output)
    assert.is_true(ok)
  end)

  check("are reported as missing for a branch without marks", function()
    refuses({}, "line 6: not taken, no mark: if (i < 0)\n")
  end)

  check("must have a reason", function()
    refuses({ [5] = "/* GCOVR_EXCL_BR_START */", [7] = STOP }, "line 5: no reason\n")
    refuses({ [5] = "/* GCOVR_EXCL_BR_START: */", [7] = STOP }, "line 5: no reason\n")
  end)

  check("are reported as out of date if all branches between them are taken", function()
    refuses({ [3] = START, [4] = STOP, [5] = START, [7] = STOP },
      "line 3: all branches are taken: the mark is out of date\n")
  end)

  check("must come in pairs", function()
    refuses({ [5] = START }, "line 5: a mark without its other mark\n"
      .. "line 6: not taken, no mark: if (i < 0)\n")
    refuses({ [3] = START, [5] = START, [7] = STOP }, "line 3: a mark without its other mark\n")
    refuses({ [3] = STOP, [5] = START, [7] = STOP }, "line 3: a mark without its other mark\n")
  end)
end)
