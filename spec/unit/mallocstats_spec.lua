local pymalloc = require "pymalloc"
local command = require "spec.support.command"
local heaps = require "spec.support.heaps"

local DATA = "spec/data/mallocstats/%s.txt"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local function recorded(name)
  return command.read(DATA:format(name))
end

-- Reports that live interpreters have printed, and the versions that print the same kind.
local printed = {
  { "3.7.16", "3.7.4 to 3.8", "3.8" },
  { "3.7.16-debug", "3.7.4 to 3.8", "3.8" },
  { "3.8.18", "3.7.4 to 3.8", "3.8" },
  { "3.9.18", "3.9", "3.9" },
  { "3.10.13", "3.10", "3.10" },
  { "3.11.7", "3.11 and 3.12", "3.11" },
  { "3.12.1", "3.11 and 3.12", "3.11" },
  { "3.13.0", "3.13 to 3.15", "3.11" },
}

local function each_recorded(use)
  for _, case in ipairs(printed) do
    use(recorded(case[1]), table.unpack(case))
  end
end

describe("pymalloc.report.parse", function()
  it("recognises the version that printed a report", function()
    each_recorded(function(text, name, versions, profile)
      local report = pymalloc.report.parse(text)
      assert.same({ { versions }, profile }, { report:versions() }, name)
      assert.same({}, report:problems(), name)
      assert.same({}, report:missing(), name)
    end)
  end)

  it("explains a report with any of its numbers changed to 0 or 1", function()
    local text, changed = recorded("3.9.18"), 0
    for first, last in text:gmatch("()%d[%d,]*()") do
      for number = 0, 1 do
        local report = pymalloc.report.parse(text:sub(1, first - 1) .. number .. text:sub(last))
        assert.is_string(report:explain())
        changed = changed + 1
      end
    end
    assert.is_true(changed > 300)
  end)

  it("gives reports that compare accepts, and no other value", function()
    local one = pymalloc.report.parse(recorded("3.9.18"))
    for argument, pair in ipairs { { nil, one }, { one, nil } } do
      assert.error_matches(function() pymalloc.report.compare(pair[1], pair[2]) end,
        ("report.compare: argument %d must be a report, got nil"):format(argument))
    end
  end)

  it("gives each number of the text by its name", function()
    local text = recorded("3.11.7")
    local report = pymalloc.report.parse(text)
    local function value(label)
      local digits = text:match("\n" .. label .. " *= +([%d,]+)\n")
      return math.tointeger(tonumber((digits:gsub(",", ""))))
    end
    assert.equal(value "# arenas highwater mark", report.arenas_highwater)
    assert.equal(value "%d+ arenas %* 1048576 bytes/arena", report.arena_bytes)
    assert.same({ report.arenas_current, 1 << 20 }, { report.arena_count, report.arena_size })
    assert.equal(value "Total", report.total_bytes)
    assert.equal(value "# bytes lost to arena map root", report.map_root_bytes)
    assert.equal(value "# bytes lost to arena map mid", report.map_mid_bytes)
    assert.equal(value "# bytes lost to arena map bot", report.map_bot_bytes)
    assert.equal(report.map_root_bytes + report.map_mid_bytes + report.map_bot_bytes,
      report.map_bytes)
    assert.equal(select(2, text:gsub(" free ", "")), #report.free_lists)
    assert.equal("PyDictObjects", report.free_lists[1].name)
    assert.equal(select(2, text:gsub("\n +%d+ +%d+ +%d+ +%d+ +%d+%f[\n]", "")), #report.classes)
    assert.is_nil(report.mallocs)
    assert.is_true(pymalloc.report.parse(recorded("3.7.16-debug")).mallocs > 0)
  end)

  it("recognises the profile of a heap's report", function()
    for profile, versions in pairs {
      ["3.6"] = "2.7 to 2.7.16 3.3 to 3.7.3",
      ["3.9"] = "2.7.17 and 2.7.18 3.7.4 to 3.8 3.9",
      ["3.10"] = "3.10",
      ["3.12"] = "3.11 and 3.12 3.13 to 3.15",
    } do
      local heap <close> = pymalloc.heap { profile = profile }
      local blocks = {}
      for i = 1, 3000 do
        blocks[i] = heap:malloc(i % 600)
      end
      local report = pymalloc.report.parse(heap:debugmallocstats())
      assert.equal(versions, table.concat(report:versions(), " "))
      assert.same({}, report:problems())
      local stats = heap:stats()
      for _, name in ipairs { "arenas_current", "arenas_highwater", "allocated_bytes",
        "available_bytes", "unused_pools", "header_bytes", "quantization_bytes", "arena_bytes" } do
        assert.equal(stats[name], report[name], name)
      end
      assert.equal(3000, #blocks)
    end
  end)

  -- Changes that people and programs make to a report before it is read.
  local disguises = {
    { "indentation", function(text) return (("\n" .. text):gsub("\n", "\n    ")) end },
    { "quote marks", function(text) return (("\n" .. text):gsub("\n", "\n> ")) end },
    { "prompts", function(text) return ">>> sys._debugmallocstats()\n" .. text .. ">>> " end },
    { "line ends of Windows", function(text) return (text:gsub("\n", "\r\n")) end },
    { "blanks at the ends of lines", function(text) return (text:gsub("\n", "   \n")) end },
    { "colours", function(text) return (text:gsub("\n", "\27[0m\n\27[32m")) end },
    { "dates", function(text)
      return (("\n" .. text):gsub("\n", "\n2024-05-01 10:00:00.123 app[445]: "))
    end },
    { "words of a program around it", function(text)
      return "Total = 3\n" .. text .. "ok 1 2\n"
    end },
  }

  it("reads a text in spite of how it was pasted", function()
    each_recorded(function(text, name)
      local plain = pymalloc.report.parse(text)
      for _, disguise in ipairs(disguises) do
        assert.same(plain, pymalloc.report.parse(disguise[2](text)), name .. ": " .. disguise[1])
      end
    end)
  end)

  it("reads each of several reports", function()
    local all = recorded("3.8.18") .. recorded("3.11.7") .. recorded("3.13.0-mimalloc")
    local reports = pymalloc.report.parse_all(all)
    assert.equal(3, #reports)
    assert.same(pymalloc.report.parse(recorded("3.8.18")), reports[1])
    assert.same(pymalloc.report.parse(recorded("3.11.7")), reports[2])
    assert.same(reports[3], pymalloc.report.parse(all))
  end)

  it("names the lines that were cut off, and checks the others", function()
    local text = recorded("3.9.18")
    local tail = pymalloc.report.parse(text:match("# arenas reclaimed.*"))
    assert.same({ "the first line", "arenas allocated total", "the rows of classes" },
      tail:missing())
    assert.same({}, tail:problems())
    local head = pymalloc.report.parse(text:match("^(.-)\n# arenas"))
    assert.equal("arenas allocated total", head:missing()[1])
    assert.same({}, head:problems())
    assert.is_nil(head:kinds())
    local rows = pymalloc.report.parse(text:match("\n    3 .*"))
    assert.same({ "the first line" }, rows:missing())
    assert.same({}, rows:problems())
  end)

  it("reads the report of mimalloc", function()
    local report = pymalloc.report.parse(recorded("3.13.0-mimalloc"))
    assert.equal(16384, report.threshold)
    assert.equal(math.tointeger(recorded("3.13.0-mimalloc"):match("Allocated Blocks: (%d+)")),
      report.mimalloc_blocks)
    assert.same({}, report:missing())
    assert.matches("^The report of mimalloc", report:explain())
  end)

  it("says that there is no report in a text", function()
    local report, problem = pymalloc.report.parse("Total = 3\n")
    assert.same({ nil, "there is no report of sys._debugmallocstats() in the text" },
      { report, problem })
    assert.error_matches(function() pymalloc.report.parse(3) end, "text must be a string, got 3")
    assert.error_matches(function() pymalloc.report.parse_all() end, "text must be a string")
  end)
end)

describe("a report", function()
  -- The numbers in the lines of a report, by their places: first and last character.
  local function numbers_in(text)
    local places = {}
    for first, digits, last in text:gmatch("()%f[%d,]([%d,]*%d)()%f[^%d,]") do
      table.insert(places, { first, last - 1, digits })
    end
    return places
  end

  it("shows each number that was changed as a problem", function()
    local text = recorded("3.11.7"):match("^(.-)\n +%d+ free ")
    local unchecked = {}
    for _, place in ipairs(numbers_in(text)) do
      local number = math.tointeger(tonumber((place[3]:gsub(",", ""))))
      local changed = text:sub(1, place[1] - 1) .. number + 1 .. text:sub(place[2] + 1)
      local report = pymalloc.report.parse(changed)
      if #report:problems() == 0 and #report:missing() == 0 then
        local line = text:sub(1, place[2]):match("[^\n]*$")
        table.insert(unchecked, line)
      end
    end
    assert.same({}, unchecked)
  end)

  it("shows two wrong numbers as problems where their sum is right", function()
    local text = recorded("3.11.7")
    local function change(label, by)
      text = text:gsub("(\n# bytes [%l ]*" .. label .. " *= *)([%d,]+)", function(head, number)
        return head .. math.tointeger(tonumber((number:gsub(",", "")))) + by
      end)
    end
    local names = { "in allocated blocks", "in available blocks", "lost to pool headers",
      "lost to quantization" }
    for i, name in ipairs(names) do
      change(name, i % 2 == 0 and 16 or -16)
    end
    local problems = pymalloc.report.parse(text):problems()
    for i, name in ipairs(names) do
      assert.equal("bytes " .. name, (problems[i] or ""):match("^[^:]*"))
    end
    assert.equal(#names, #problems)
  end)

  it("gives the kinds of fragmentation, which add up to the arenas", function()
    each_recorded(function(text)
      local report = pymalloc.report.parse(text)
      local kinds, sum = report:kinds(), 0
      for _, kind in ipairs(kinds) do
        sum = sum + kind.bytes
      end
      assert.equal(report.arena_bytes, sum)
      assert.equal(kinds.arena_bytes, sum)
      assert.is_true(kinds.rounding_most < kinds[1].bytes)
    end)
  end)

  it("is explained in lines of at most 80 columns", function()
    each_recorded(function(text)
      local report = pymalloc.report.parse(text)
      local explanation = report:explain()
      assert.equal(explanation, tostring(report))
      for kind = 1, 4 do
        assert.matches("\nKind " .. kind .. ": ", explanation)
      end
      assert.matches("All numbers that can be computed from other numbers are right.$", explanation)
      for line in explanation:gmatch("[^\n]+") do
        assert.is_true(#line <= 80, line)
      end
    end)
  end)

  it("is compared with another one by number and class", function()
    local heap <close> = pymalloc.heap { profile = "3.9" }
    local blocks = {}
    for i = 1, 1000 do
      blocks[i] = heap:malloc(100)
    end
    local before = pymalloc.report.parse(heap:debugmallocstats())
    for i = 1, 500 do
      blocks[i]:free()
    end
    for i = 1, 20 do
      blocks[i] = heap:malloc(500)
    end
    local after = pymalloc.report.parse(heap:debugmallocstats())
    local difference = pymalloc.report.compare(before, after)
    assert.equal(2, #difference.classes)
    assert.same({ old = 1000, new = 500, change = -500 }, difference.classes[1].live)
    assert.same({ old = 0, new = 20, change = 20 }, difference.classes[2].live)
    local live
    for _, number in ipairs(difference.numbers) do
      live = number.name == "bytes in allocated blocks" and number or live
    end
    assert.equal(20 * 512 - 500 * 112, live.change)
    assert.error_matches(function() pymalloc.report.compare(before, {}) end,
      "argument 2 must be a report, got a table")
  end)

  it("is read without an error after any change", function()
    math.randomseed(15)
    local texts = {}
    each_recorded(function(text) table.insert(texts, text) end)
    table.insert(texts, recorded("3.13.0-mimalloc"))
    for round = 1, 600 do
      local text = texts[round % #texts + 1]
      for _ = 1, math.random(4) do
        local at, count = math.random(#text), math.random(0, 200)
        local new = ({ "", "0", "-", "99999999999999999999", "\n", " = ", "\0" })[math.random(7)]
        text = text:sub(1, at) .. new .. text:sub(at + count)
        text = #text > 0 and text or " "
      end
      for _, report in ipairs(pymalloc.report.parse_all(text)) do
        report:explain()
        report:versions()
        report:kinds()
        pymalloc.report.compare(report, report)
      end
    end
  end)

  it("refuses a wrong self", function()
    local report = pymalloc.report.parse(recorded("3.9.18"))
    for _, name in ipairs { "versions", "problems", "missing", "kinds", "explain" } do
      assert.error_matches(function() report[name]({}) end,
        "report:" .. name .. ": self must be a report, got a table")
    end
  end)
end)
