-- Configures the build for systems and compilers that it refuses, or warns of.

local command = require "spec.support.command"

-- The output and exit code of CMake, with these definitions after its own tests.
local function configure(definitions)
  local before <close> = command.file(definitions, ".cmake")
  local output, errors, code = command.run(([[build=$(mktemp -d)
    cmake -S . -B "$build" -DPYMALLOC_BUILD_LUA=OFF -DPYMALLOC_INSTALL_C=OFF \
      -DCMAKE_PROJECT_pymalloc_INCLUDE='%s'
    code=$?; rm -r "$build"; exit $code]]):format(before.path))
  return (output .. errors):gsub("%s+", " "), code
end

describe("CMake", function()
  it("accepts this system without a warning", function()
    local output, code = configure ""
    assert.equal(0, code, output)
    assert.is_nil(output:find("Warning", 1, true))
  end)

  it("refuses Windows, and names the reason", function()
    local output, code = configure 'set(CMAKE_SYSTEM_NAME "Windows")'
    assert.matches("pymalloc needs POSIX %(mmap%), which Windows lacks", output)
    assert.equal(1, code)
  end)

  it("refuses a compiler that is neither gcc nor clang, by its name", function()
    local output, code = configure 'set(CMAKE_C_COMPILER_ID "MSVC")'
    assert.matches("needs gcc or clang.*the compiler is MSVC", output)
    assert.equal(1, code)
  end)

  for system, definition in pairs { Darwin = 'set(CMAKE_SYSTEM_NAME "Darwin")',
    ["machines with big%-endian integers"] = 'set(CMAKE_C_BYTE_ORDER "BIG_ENDIAN")' } do
    it("warns that nothing is tested on " .. system:gsub("%%", ""), function()
      local output, code = configure(definition)
      assert.matches("pymalloc is not tested on " .. system .. ": see docs/platforms.md", output)
      assert.equal(0, code, output)
    end)
  end
end)
