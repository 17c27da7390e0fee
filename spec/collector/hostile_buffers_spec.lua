-- Tests finalizers and metamethods that run inside a method of buffers. They free, resize or close
-- what the method reads and writes, and replace values on its stack.

local collector = require "spec.support.collector"
local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"
local heaps = require "spec.support.heaps"

local heap

before_each(function()
  heap = pymalloc.heap { profile = "classroom", checked = true }
end)

after_each(function()
  heaps.finish(heap)
end)

-- Calls action() at every cycle of the collector while body() runs.
local function haunted(action, body)
  local restore = collector.incremental(0, 1000, 1 << 30)
  collector.each_cycle(action, body)
  restore()
end

describe("a finalizer that runs inside a method of buffers", function()
  local ENDS = {
    free = function(b) b:free() end,
    resize = function(b) b:resize(3) end,
    close = function() heap:close() end,
    tamper = function(_, f)
      for level = 2, 6 do
        local info = debug.getinfo(level, "f")
        if info and info.func == f then
          for slot = 1, 12 do
            debug.setlocal(level, slot, slot % 2 == 0 and ("xyz"):rep(slot) or nil)
          end
        end
      end
    end,
  }

  for name, action in pairs(ENDS) do
    it("may " .. name .. " what a method reads", function()
      for _, method in ipairs { "unpack", "totable", "string", "view", "slice", "find", "copy",
        "pack" } do
        local hits = 0
        for _ = 1, 12 do
          if not pcall(heap.check, heap) then
            heap = pymalloc.heap { profile = "classroom", checked = true }
          end
          local b = heap:buffer("u8", 600):fill(65)
          b[600] = 0
          haunted(function()
            hits = hits + 1
            action(b, b[method])
          end, function()
            for _ = 1, 20 do
              if method == "unpack" then
                pcall(b.unpack, b, 0, ("c50"):rep(11) .. "z")
              elseif method == "pack" then
                pcall(b.pack, b, 0, ("x"):rep(hits % 50 + 40) .. "i1", 1000)
              elseif method == "view" then
                pcall(b.view, b, "f64", 0)
              elseif method == "copy" then
                pcall(b.copy, b, setmetatable({}, { __len = function() return 300 end,
                  __index = function(_, i) return #{ i % 200 } end }))
              else
                pcall(b[method], b, 1)
              end
            end
          end)
        end
        assert.is_true(hits > 0)
      end
    end)
  end
end)

describe("a metamethod of the table that is copied", function()
  local function proxy(count, action)
    return setmetatable({}, { __len = function() return count end,
      __index = function(_, i) return action(i) end })
  end

  it("may free, resize or close what it is copied to", function()
    local ends = {
      ["was freed"] = function(b) b:free() end,
      ["do not fit"] = function(b) b:resize(2) end,
      ["is closed"] = function() heap:close() end,
    }
    for text, action in pairs(ends) do
      heap = pymalloc.heap()
      local b = heap:buffer("u8", 300)
      assert.matches(text, complaint(b.copy, b, proxy(300, function(i)
        if i == 200 then
          action(b)
        end
        return 1
      end)))
    end
  end)

  it("may tell any length", function()
    local b = heap:buffer("u8", 8)
    for _, count in ipairs { -1, 9, 1 << 61, math.maxinteger, "x", {}, 1.5 } do
      assert.is_string(complaint(b.copy, b, proxy(count, function() return 1 end)))
    end
  end)

  it("may replace values on the stack of the method", function()
    for slot = 1, 9 do
      for _, value in ipairs { 0, "s", {}, heap } do
        local b = heap:buffer("u8", 8)
        pcall(b.copy, b, proxy(8, function(i)
          debug.setlocal(2, slot, value)
          return i
        end))
      end
    end
  end)

  it("is not called for values of pack, which must be numbers and strings themselves", function()
    local b = heap:buffer("u8", 8)
    local value = setmetatable({}, { __tostring = error, __index = error, __name = "hostile" })
    for _, format in ipairs { "i4", "f", "d", "n", "j", "z", "s", "c4" } do
      assert.matches("got hostile", complaint(b.pack, b, 0, format, value))
    end
  end)
end)
