-- The completion of the command for shells, completions/, which script/reference writes.

local command = require "spec.support.command"
local parser = require("pymalloc.cli").parser()

local BASH, ZSH, FISH = "completions/pymalloc.bash", "completions/_pymalloc",
  "completions/pymalloc.fish"

-- The words that bash offers for the last of these words, which may be empty.
local function offered(...)
  local words = { ... }
  for i, word in ipairs(words) do
    words[i] = ("'%s'"):format(word)
  end
  local output, errors = command.run(([[bash -c '
    source %s
    COMP_WORDS=(pymalloc "$@"); COMP_CWORD=$#; _pymalloc
    printf "%%s\n" "${COMPREPLY[@]}"' - %s]]):format(BASH, table.concat(words, " ")))
  assert.equal("", errors)
  local list = {}
  for word in output:gmatch("%S+") do
    list[#list + 1] = word
  end
  return list
end

local function has_shell(name)
  return (command.run("command -v " .. name .. " || true")) ~= ""
end

describe("completion in bash", function()
  it("offers the commands", function()
    assert.same({ "replay", "record", "report" }, offered("re"))
    local all = offered("")
    assert.equal(#parser._commands, #all)
  end)

  it("offers the options of the command", function()
    local options = offered("replay", "--p")
    table.sort(options)
    assert.same({ "--placements", "--pool-bytes", "--profile" }, options)
    assert.same({ "--again" }, offered("lesson", "--a"))
    assert.same({}, offered("traces", "--profile"))
  end)

  it("offers the values of an option, and the names of the profiles", function()
    assert.same({ "at_once", "keep_last", "never" }, offered("replay", "--release", ""))
    assert.same({ "3.10", "3.11", "3.15-hugepages", "3.10-no-radix-tree" },
      offered("replay", "--profile", "3.1"))
    assert.same({ "classroom" }, offered("classes", "--profile", "c"))
  end)
end)

describe("completion", function()
  for _, path in ipairs { BASH, ZSH, FISH } do
    it(("has all commands and options: %s"):format(path), function()
      local text = command.read(path)
      for _, one in ipairs(parser._commands) do
        assert.truthy(text:find(one._name, 1, true), one._name)
        for _, option in ipairs(one._options) do
          for _, name in ipairs(option._aliases) do
            local word = path == FISH and name:gsub("^%-+", "") or name
            assert.truthy(text:find(word, 1, true), one._name .. " " .. name)
          end
        end
      end
    end)
  end

  for shell, path in pairs { bash = BASH, zsh = ZSH, fish = FISH } do
    local test = has_shell(shell) and it or pending
    test(("is a script that %s reads"):format(shell), function()
      local _, errors, code = command.run(("%s -n %s"):format(shell, path))
      assert.same({ "", 0 }, { errors, code })
    end)
  end

  local test = has_shell("fish") and it or pending
  test("offers in fish what it offers in bash", function()
    local output = command.run(([[export HOME=$(mktemp -d)
      fish -c 'source %s; complete -C "pymalloc re"'; rm -r "$HOME"]]):format(FISH))
    local names = {}
    for name in output:gmatch("([^\n\t]+)\t[^\n]*") do
      names[#names + 1] = name
    end
    assert.same({ "record", "replay", "report" }, names)
  end)
end)
