-- Lua 5.5 refuses an assignment to the variable of a loop. These specs find one without Lua 5.5,
-- by the indentation of the sources.

local tree = require "script.lib.tree"

-- Does the line begin with an assignment to the variable, alone or among others?
local function assigns(line, name)
  local targets = line:match("^ *([%w_, ]+) = ")
  return targets and not targets:find("^local ") and not targets:find("^for ")
    and (" " .. targets .. ","):find("[ ,]" .. name .. ",") ~= nil
end

-- The line in which a loop assigns to its variable, or nil.
local function assigned(text)
  local open, number = {}, 0 -- the variables of the loops around a line, by their indentation
  for line in text:gmatch("([^\n]*)\n") do
    number = number + 1
    local indentation, variable = line:match("^( *)for ([%a_][%w_]*)")
    if variable then
      open[#indentation] = variable
    end
    local margin = #line:match("^ *")
    for depth, name in pairs(open) do
      if margin > depth and assigns(line, name) then
        return number
      elseif margin == depth and line:find("^ *end") or line:find("local " .. name .. "%f[%W]") then
        open[depth] = nil
      end
    end
  end
end

describe("a loop", function()
  it("that assigns to its variable is found", function()
    assert.equal(2, assigned "for word in words do\n  word = fit(word)\nend\n")
    assert.equal(2, assigned "for a, b in pairs(t) do\n  c, a, d = 1, 2, 3\nend\n")
    assert.equal(3, assigned
      "  for i = 1, 2 do\n    for j = 1, 2 do\n      i = j\n    end\n  end\n")
    assert.is_nil(assigned "for i = 1, 2 do\n  local i = i\n  i = 3\nend\ni = 4\n")
  end)

  it("in the sources assigns to no variable of its own", function()
    for _, folder in ipairs { "lua", "spec", "script", "bench", "examples", "experiments" } do
      for _, path in ipairs(tree.files(folder, "*.lua")) do
        local line = assigned(tree.read(path))
        assert.is_nil(line, ("%s:%s: assigns to the variable of a loop"):format(path, line))
      end
    end
  end)
end)
