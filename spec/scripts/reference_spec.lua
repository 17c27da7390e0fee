-- Compares the types for editors and the manual page, which script/reference writes, with the
-- functions, fields and commands that exist; and tests the reader of C headers.

local command = require "spec.support.command"
local catalogue = require "script.lib.reference.catalogue"
local header = require "script.lib.reference.header"
local living = require "script.lib.reference.living"
local tree = require "script.lib.tree"

local TYPES = "types/pymalloc/library/"

-- The names of the functions that a file of types declares, as scripts write them.
local function functions_in(path, owner)
  local found = {}
  for name in tree.read(path):gmatch("\nfunction ([%w_.:]+)%(") do
    local type_name, method = name:match("^(%u%a+):(.*)$")
    local word = type_name and catalogue.word_of["pymalloc." .. type_name]
    found[word and word .. ":" .. method or name:gsub("^luassert", owner or "")] = true
  end
  return found
end

describe("script/reference", function()
  it("finds that the committed pages are current", function()
    local output, errors, code = command.run("lua5.4 script/reference --check")
    assert.equal("", output .. errors)
    assert.equal(0, code)
  end)

  it("refuses an unknown argument", function()
    local _, errors, code = command.run("lua5.4 script/reference --force")
    assert.equal("reference: unknown argument '--force' (see --help)\n", errors)
    assert.equal(1, code)
  end)
end)

describe("the types for editors", function()
  it("are an addon of the Lua language server, which their words propose", function()
    local config = require("dkjson").decode(tree.read("types/pymalloc/config.json"))
    for _, line in ipairs { 'require "pymalloc"', "require('pymalloc.view')" } do
      assert.matches(config.words[1], line)
    end
    assert.not_matches(config.words[1], "pymalloc")
  end)

  it("have each function that exists, and no other", function()
    local typed = functions_in(TYPES .. "pymalloc.lua")
    for _, file in ipairs { "lesson.lua", "assertions.lua" } do
      for name in pairs(functions_in(TYPES .. file, "assert")) do
        typed[name] = true
      end
    end
    local entries = catalogue.read(".", error)
    local real = {}
    for name, kind in pairs(living.read()) do
      real[name] = kind == "function" and not entries["local " .. name] or nil
    end
    assert.same(real, typed)
  end)

  it("have each field and option that exists", function()
    local types = tree.read(TYPES .. "pymalloc.lua")
    for name, kind in pairs(living.read()) do
      local class, field = name:match("^(pymalloc%.%u%a+)%.(.*)$")
      if kind == "field" then
        local body = types:match("%-%-%-@class " .. class .. "\n(.-)\n[^-]")
          or error("no class " .. class)
        assert.matches("@field " .. field .. "%??%s", body .. "\n", class)
      end
    end
  end)

  it("are Lua files that each return a table", function()
    for _, name in ipairs { "pymalloc", "lesson", "assertions" } do
      assert.is_table(dofile(TYPES .. name .. ".lua"))
    end
  end)
end)

describe("the manual page", function()
  local page = tree.read("man/pymalloc.1"):gsub("\\%-", "-"):gsub("\\f%u", "")

  it("lists each command and each option that --help lists", function()
    local commands = 0
    for name in command.run(command.pymalloc .. " --help"):match("Commands:(.*)")
      :gmatch("\n   (%l+)%s") do
      local help = command.run(("%s %s --help"):format(command.pymalloc, name))
      local part = page:match("%.SS pymalloc " .. name .. "\n(.-)\n%.S")
      assert.is_string(part, name)
      local count = 0
      for option in help:match("Options:(.*)") and help:match("Options:(.*)"):gmatch(
        "\n   [^\n]-(%-%-[%l-]+)") do
        assert.is_truthy(option == "--help" or part:find("\n" .. option:gsub("%p", "%%%0"))
          or part:find(", " .. option, 1, true), option)
        count = count + 1
      end
      assert.is_true(count > 0)
      commands = commands + 1
    end
    assert.is_true(commands >= 7)
  end)

  it("passes mandoc without a warning, as does that of the trace format", function()
    if not os.execute("command -v mandoc >/dev/null") then
      pending("needs mandoc")
      return
    end
    for _, path in ipairs { "man/pymalloc.1", "man/pymalloc-trace.5" } do
      local output, _, code = command.run("mandoc -Tlint -W error " .. path)
      assert.equal("", output)
      assert.equal(0, code)
    end
  end)

  it("of the trace format has each operation", function()
    local format = tree.read("man/pymalloc-trace.5")
    for letter in ("acrfwmixodsk"):gmatch "." do
      assert.matches("\n%.TP\n\\fB" .. letter .. "[ \\]", format)
    end
  end)
end)

describe("the reader of C headers", function()
  it("finds each function that a header declares", function()
    local text, found = tree.read("csrc/pymalloc.h"), {}
    for _, section in ipairs(header.read("csrc/pymalloc.h")) do
      for _, item in ipairs(section.items) do
        for _, name in ipairs(item.names) do
          found[name] = true
        end
      end
    end
    local count = 0
    for name in text:gmatch("\nPYM_API [^;]-%f[%w_](pym_[%w_]+)%(") do
      assert.is_true(found[name], name)
      count = count + 1
    end
    assert.is_true(count > 30)
  end)
end)
