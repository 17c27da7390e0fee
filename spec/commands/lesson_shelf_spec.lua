-- Tests that the lessons are found: pymalloc.lesson.shelf.

local lfs = require "lfs"
local shelf = require "pymalloc.lesson.shelf"

describe("the shelf of lessons", function()
  it("lists all files of the folder of lessons", function()
    local names = {}
    for name in lfs.dir "lua/pymalloc/lessons" do
      table.insert(names, name:match("^(%d%d_.*)_spec%.lua$"))
    end
    table.sort(names)
    assert.same(names, shelf.names)
  end)

  it("has a path for each number, and none for others", function()
    assert.matches("lessons/03_pool_spec%.lua$", shelf.path(3))
    assert.is_nil(shelf.path(15))
    assert.is_nil(shelf.path "3")
  end)
end)
