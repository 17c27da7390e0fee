-- What the headers of csrc say of themselves.

local tree = dofile "script/lib/tree.lua"

describe("the headers", function()
  it("name specs and lessons that are there", function()
    local named = 0
    for _, path in ipairs(tree.files("csrc", "*.h")) do
      for spec in tree.read(path):gmatch("spec/%a+/[%w_]+%.lua") do
        named = named + 1
        assert.is_string(tree.read(spec), path .. " names " .. spec)
      end
    end
    assert.is_true(named > 20)
  end)
end)
