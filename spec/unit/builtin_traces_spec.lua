-- The built-in traces: lua/pymalloc/trace/builtin.lua and the command traces.

local command = require "spec.support.command"
local builtin = require "pymalloc.trace.builtin"
local pymalloc = require "pymalloc"

local UNKNOWN = "'@nothing' is not a built-in trace: there are @json and @startup; "
  .. "a file of this name is ./@nothing"

-- Calls f in a folder with a file @startup of two requests.
local function beside_file(f)
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir " .. folder))
  local file <close> = assert(io.open(folder .. "/@startup", "w"))
  file:write("a 1 24\nf 1\n")
  file:close()
  f(folder)
  assert(os.execute("rm -r " .. folder))
end

describe("a built-in trace", function()
  it("has as many requests as its list says", function()
    for _, one in ipairs(builtin.list) do
      assert.equal(one.requests, assert(pymalloc.trace.replay_file(one.name)).requests)
    end
  end)

  it("is read by every function that takes a path", function()
    assert.equal(43354, assert(pymalloc.replay("@startup")).length)
    assert.equal(43354, assert(pymalloc.trace.load("@startup")).requests)
    assert.equal("@startup", assert(pymalloc.trace.load("@startup")).name)
    local next_one, state = pymalloc.trace.each("@startup")
    assert.same({ "malloc", 1, 56 }, { next_one(state) })
    local result = assert(pymalloc.experiment { traces = { "@startup" }, geometries = { "3.6" } })
    assert.equal("@startup", result.rows[1].trace)
  end)

  it("is read from any folder", function()
    beside_file(function(folder)
      local root = io.popen("pwd"):read("l")
      local line = ("cd %s && %s/script/pymalloc replay @startup"):format(folder, root)
      local output = command.run(line)
      assert.matches("20,490", output)
    end)
  end)

  it("stands before a file of its name, which is read with its folder", function()
    beside_file(function(folder)
      local root = io.popen("pwd"):read("l")
      local line = ("cd %s && %s/script/pymalloc replay ./@startup"):format(folder, root)
      local output = command.run(line)
      assert.matches("malloc +1 +24 bytes", output)
    end)
  end)
end)

describe("a name that begins with @", function()
  it("is refused with the names that there are", function()
    for _, read in ipairs { pymalloc.replay, pymalloc.trace.load, pymalloc.trace.each,
      pymalloc.trace.replay_file } do
      local result, problem = read("@nothing")
      assert.is_nil(result)
      assert.equal(UNKNOWN, problem)
    end
    local result, problem = pymalloc.experiment { traces = { "@nothing" }, geometries = { "3.6" } }
    assert.is_nil(result)
    assert.equal(UNKNOWN, problem)
  end)

  it("is refused by the commands, with exit code 1", function()
    for _, name in ipairs { "replay @nothing", "pins @nothing", "convert @nothing /dev/null" } do
      local _, errors, code = command.run(command.pymalloc .. " " .. name)
      assert.equal("pymalloc: " .. UNKNOWN .. "\n", errors)
      assert.equal(1, code)
    end
  end)
end)

describe("pymalloc traces", function()
  it("lists each built-in trace with the number of its requests", function()
    local output = command.run(command.pymalloc .. " traces")
    assert.matches("\n@json +915,642  ", output)
    assert.matches("\n@startup +43,354  ", output)
  end)
end)
