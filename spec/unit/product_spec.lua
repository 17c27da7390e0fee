-- Tests that the installed files do not need the folders of the tests.

local tree = dofile "script/lib/tree.lua"

-- Returns the lines that name a file or a module of spec/, as "path: line".
local function lines_of_specs(path)
  local found = {}
  for line in tree.read(path):gmatch("[^\n]+") do
    if line:find("%f[%w]spec/") or line:find("[\"']spec%.") then
      table.insert(found, path .. ": " .. line)
    end
  end
  return found
end

describe("the installed module", function()
  local paths = tree.files("lua", "*.lua")
  table.insert(paths, "cmake/LuaModule.cmake")
  for _, path in ipairs(paths) do
    it("names no file of spec/ in " .. path, function()
      assert.same({}, lines_of_specs(path))
    end)
  end
end)
