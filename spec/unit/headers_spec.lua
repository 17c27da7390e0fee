-- Tests the names of specs and lessons in the headers of csrc.

local shelf = require "pymalloc.lesson.shelf"
local tree = dofile "script/lib/tree.lua"

describe("the headers", function()
  it("name only specs that exist", function()
    local named = 0
    for _, path in ipairs(tree.files("csrc", "*.h")) do
      for spec in tree.read(path):gmatch("spec/%a+/[%w_]+%.lua") do
        named = named + 1
        assert.is_string(tree.read(spec), path .. " names " .. spec)
      end
    end
    assert.is_true(named > 20)
  end)

  it("name only lessons that exist", function()
    local named = 0
    for _, path in ipairs(tree.files("csrc", "*.h")) do
      local numbers = tree.read(path):match("Taught in lessons? ([%d and]+)") or ""
      for number in numbers:gmatch("%d+") do
        named = named + 1
        assert.is_string(shelf.path(math.tointeger(number)), path .. " names lesson " .. number)
      end
    end
    assert.is_true(named > 8)
  end)
end)
