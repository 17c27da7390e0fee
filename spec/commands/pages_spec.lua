-- Runs the code in README.md and docs/*.md: each block of Lua, in the same way as
-- the examples of doc comments, and each line of a shell block that calls
-- pymalloc. documented_spec.lua runs the examples in docs/reference, and help_examples_spec.lua
-- those in the help of commands.

local command = require "spec.support.command"
local example = require "spec.support.example"
local scratch = require "spec.support.scratch"

local PAGES = { "README.md", "docs/buffers.md", "docs/life-of-an-allocation.md",
  "docs/stepping.md" }

local function all_matches(page, pattern)
  local found = {}
  for text in command.read(page):gmatch(pattern) do
    table.insert(found, text)
  end
  return found
end

local function lua_blocks(page)
  return all_matches(page, "\n```lua\n(.-)\n```")
end

-- The commands that save pictures are left out: script/pictures --check runs those of the README.
local function shell_lines(page)
  local lines = {}
  for _, line in ipairs(all_matches(page, "\n    (pymalloc [^\n]*)")) do
    if not line:find("--svg ", 1, true) then
      table.insert(lines, line)
    end
  end
  return lines
end

-- Returns the fault of a block, or nil. In the block print does nothing.
local function fault_of(block)
  return example.fault_apart("local function print() end\n" .. block)
end

for _, page in ipairs(PAGES) do
  for i, block in ipairs(lua_blocks(page)) do
    it(("block %d of %s gives the results that it shows"):format(i, page), function()
      assert.is_nil(fault_of(block))
    end)
  end

  for _, line in ipairs(shell_lines(page)) do
    it(("%s: '%s' succeeds"):format(page, line:match("^(.-)%s*#") or line), function()
      local _, errors, code = command.run("script/" .. line)
      assert.equal("", errors)
      assert.equal(0, code)
    end)
  end
end

it("README.md has four blocks of Lua and four commands besides those of pictures", function()
  assert.equal(4, #lua_blocks("README.md"))
  assert.equal(4, #shell_lines("README.md"))
end)

describe("the first command under 'Experiments' in README.md", function()
  local page = command.read("README.md")
  local line, shown = page:match("\n## Experiments\n\n```\n%$ pymalloc (.-[^\\])\n(.-\n)```\n")
  local picture = page:match("\n## Experiments\n.-\n!%[[^\n]*%]%((docs/[^\n]*)%)")

  before_each(scratch.make)
  after_each(scratch.remove)

  it("prints the table below it, and draws the picture below that", function()
    assert.same({ shown, "", 0 }, { scratch.run("COLUMNS=80 $P " .. line) })
    assert.equal(command.read(picture), scratch.get(line:match("%-%-svg (%S+)")))
  end)
end)

describe("docs/experiments.md", function()
  local PAGE = "docs/experiments.md"

  before_each(scratch.make)
  after_each(scratch.remove)

  -- Other commands read files that the page does not make; cells_spec.lua runs those of shards.
  it("has commands on built-in traces and on answers that succeed", function()
    scratch.run("ln -s $OLDPWD/examples .")
    local count = 0
    for _, line in ipairs(all_matches(PAGE, "\n    (pymalloc [^\n]*)")) do
      if line:find("@", 1, true) or line:find(" score ", 1, true) then
        local output, errors, code = scratch.run(line:gsub("^pymalloc", "$P"))
        assert.matches(line:find("%-%-sweep") and "^pymalloc: %d combinations? left out" or "^$",
          errors, line)
        assert.same({ 0, true }, { code, output ~= "" or line:find("--svg", 1, true) ~= nil }, line)
        count = count + 1
      end
    end
    assert.equal(11, count)
  end)

  it("has a block of Lua that runs", function()
    local blocks = lua_blocks(PAGE)
    assert.equal(1, #blocks)
    assert.is_nil(fault_of("local pymalloc = require 'pymalloc'\n" .. blocks[1]))
  end)
end)

it("a page that shows a wrong result has a fault", function()
  assert.equal("it says '3', got '2' (exit 0)", fault_of("print(1 + 1) --> 3"))
end)
