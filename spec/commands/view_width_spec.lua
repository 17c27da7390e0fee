-- Tests pictures of each kind: their width, signs and colours, and values that they refuse.

local pymalloc = require "pymalloc"
local canvases = require "pymalloc.view.canvas"
local command = require "spec.support.command"
local heaps = require "spec.support.heaps"

local PLAIN = { ascii = true, colour = false, width = 80 }

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

describe("pictures", function()
  local function assert_fits(x, options)
    options = options or {}
    options.colour = false
    for _, width in ipairs { 40, 47, 59, 60, 71, 80, 150 } do
      options.width = width
      for line in pymalloc.view.text(x, options):gmatch("[^\n]+") do
        assert.is_true(canvases.columns(line) <= width, line)
      end
    end
  end

  for _, options in ipairs { { profile = "3.6" }, { profile = "3.11" }, { profile = "classroom" },
    { profile = "3.8", debug = true } } do
    it(("of a heap %s%s fit any width from 40"):format(options.profile,
      options.debug and " with debug hooks" or ""), function()
      local heap, blocks = pymalloc.heap(options), {}
      for i = 1, 2000 do
        blocks[i] = heap:malloc(i * 37 % 700 + 1)
      end
      local before = heap:snapshot()
      for i = 1, 2000, 3 do
        blocks[i]:free()
      end
      assert_fits(heap)
      assert_fits(pymalloc.diff(before, heap:snapshot()))
      for arena in heap:arenas() do
        assert_fits(arena)
      end
      for pool in heap:arena(0):pools() do
        assert_fits(pool)
        assert_fits(pool, { block = heap.geometry.header_bytes })
      end
      for i = 2, 600, 30 do
        assert_fits(blocks[i])
      end
    end)
  end

  it("of a run fit any width from 40", function()
    for _, profile in ipairs { "3.6", "3.11", "classroom" } do
      local run = assert(pymalloc.replay("traces/cpython-startup.trace.xz", { profile = profile }))
      for op = 1, run.length, 4999 do
        run:seek(op)
        assert_fits(run)
      end
    end
  end)

  local SCRIPT = "local p = require 'pymalloc' local h = p.heap() "
    .. "local b = h:malloc(9) print(p.view.text(h), b)"

  -- Returns the output of a script that draws a heap on a terminal with this
  -- environment.
  local function drawn(environment)
    local script <close> = command.file(SCRIPT)
    local shell <close> = command.file(("%senv %s %s lua5.4 %s"):format(command.leaks_allowed,
      environment, command.environment, script.path))
    return (command.run("script -qec 'sh " .. shell.path .. "' /dev/null"))
  end

  it("depend on TERM, NO_COLOR and the locale", function()
    local plain = "LC_ALL=C.UTF-8 TERM=xterm NO_COLOR= "
    assert.matches("▁.*\27%[", drawn(plain))
    assert.is_nil(drawn(plain .. "NO_COLOR=1"):find("\27", 1, true))
    assert.is_nil(drawn(plain .. "TERM=dumb"):find("\27", 1, true))
    local ascii = drawn(plain .. "LC_ALL=C")
    assert.matches("usable_arenas", ascii)
    assert.is_nil(ascii:find("[\128-\255]"))
  end)

  it("have the same content in Unicode and in ASCII", function()
    local heap = heaps.busy { profile = "3.6" }
    local pool = heap:arena(0):pool(0)
    local ascii = pymalloc.view.text(pool, PLAIN)
    local unicode = pymalloc.view.text(pool, { ascii = false, colour = false })
    assert.is_nil(ascii:find("[\128-\255]"))
    for sign, other in pairs { ["█"] = "#", ["░"] = "o", ["·"] = ".", ["│"] = "|", ["→"] = "->" } do
      unicode = unicode:gsub(sign, other)
    end
    assert.equal(ascii, unicode)
  end)

  it("have colours only if the option says so, or on a terminal", function()
    local heap = heaps.busy { profile = "3.6" }
    assert.is_nil(pymalloc.view.text(heap, { colour = false }):find("\27", 1, true))
    assert.truthy(pymalloc.view.text(heap, { colour = true }):find("\27[32m", 1, true))
    local plain = pymalloc.view.text(heap, { colour = false, ascii = true })
    local painted = pymalloc.view.text(heap, { colour = true, ascii = true })
    assert.equal(plain, (painted:gsub("\27%[%d*m", "")))
  end)

  it("refuse a value that they cannot draw", function()
    local heap = pymalloc.heap()
    local pool = heap:malloc(8):pool()
    for _, case in ipairs {
      { { 5 }, "view.text: x must be a heap, a snapshot, an arena, a pool, a buffer, a run or "
        .. "a diff, got 5" },
      { { setmetatable({}, { __name = "pymalloc.Experiment" }) }, "got pymalloc.Experiment" },
      { { "x" }, "got a string" },
      { {}, "got nil" },
      { { heap, { width = 39 } }, "width must be an integer from 40 to 1000, got 39" },
      { { heap, { wide = 59 } }, "unknown option wide" },
      { { heap, 5 }, "options must be a table, got 5" },
      { { heap, { block = 48 } }, "block is allowed for a pool only" },
      { { pool, { block = 47 } }, "block must be an offset from 48 to 4095 in the pool, got 47" },
      { { pool, { block = 4096 } }, "block must be an offset .* got 4096" },
      { { pool, { block = "x" } }, "block must be an offset .* got a string" },
    } do
      assert.error_matches(function() pymalloc.view.text(table.unpack(case[1])) end, case[2])
    end
  end)
end)
