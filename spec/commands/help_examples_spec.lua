-- Runs the examples in the help of the commands. Those of record and attach need programs that this
-- file would have to find; record_*_spec.lua and attach_command_spec.lua run such commands.

local commands = require "script.lib.reference.commands"
local page_copy = require "spec.support.page_copy"
local scratch = require "spec.support.scratch"

local NOT_HERE = { record = true, attach = true }

-- What commands report on standard error when they succeed.
local REMARKS = {
  compare = "^pymalloc: 1 combination left out, which no allocator can have\n$",
  convert = "pymalloc: %d+ requests of format %l+ written to [^\n]+\n$",
  html = "^pymalloc: %S+%.html with [%d,]+ requests? of %S+, [%d,]+ bytes\n$",
  report = "^pymalloc: all.txt has 2 reports; this is report %d\n$",
  workload = "^pymalloc: [%d,]+ requests of [^\n]*, seed %d written to [^\n]+\n$",
}

local LTRACE = [[
4711 malloc(24) = 0x5555557592a0
4711 malloc(600) = 0x5555557592c0
4711 free(0x5555557592a0) = <void>
]]

local HEAPTRACK = "v 10500 3\nX app\ns 3 app\ni 1000 1\nt 1 0\na 18 1\n+ 0\n+ 0\n- 0\n"

-- A trace with marks and call stacks, of two interpreters: each makes objects, drops them, and
-- keeps one of a hundred.
local function recorded()
  local lines = { "# pymalloc trace 1\nw 1 0 app.py:40 <module>\nw 2 1 app.py:12 load dict\n" }
  local function add(...)
    table.insert(lines, (...):format(select(2, ...)))
  end
  for interpreter = 0, 1 do
    add("i %d\nm load\n", interpreter)
    for id = 1, 30000 do
      add("a %d 56 @%d\n", id, id % 100 == 0 and 1 or 2)
    end
    for id = 1, 30000 do
      add(id % 100 ~= 0 and "f %d\n" or "# %d is kept\n", id)
    end
  end
  return table.concat(lines)
end

-- Makes the files that the examples name, in the folder files/.
local function make_files()
  scratch.run("mkdir files")
  scratch.put("files/ls.log", LTRACE)
  scratch.put("files/damaged.log", LTRACE .. "4711 malloc(\n4711 free(0x5555557592c0) = <void>\n")
  scratch.put("files/valgrind.log", "--1-- malloc(24) = 0x4A9C040\n")
  scratch.put("files/app.trace", recorded())
  scratch.put("files/heaptrack", HEAPTRACK)
  for _, name in ipairs { "ada.lua", "ben.lua" } do
    scratch.put("files/" .. name, "return function() end\n")
  end
  local output, errors, code = scratch.run [[
    root=$OLDPWD; cd files
    xz -0 -f -k app.trace; zstd -q -f heaptrack -o heaptrack.app.1234.zst
    cp $root/spec/data/mallocstats/3.11.7.txt a.txt; cp a.txt before.txt; cp a.txt after.txt
    cat a.txt a.txt >all.txt
    cp $root/examples/answers/good.lua answer.lua
    cp $root/examples/lesson/lesson.lua loops.lua; cp -r $root/examples/lesson/answers .]]
  assert.same({ "", "", 0 }, { output, errors, code })
end

-- Puts the files where the examples run: an example of another command may have written a file of
-- the same name.
local function put_files()
  assert.same({ "", "", 0 }, { scratch.run("cp -rf files/. .") })
end

-- The file that an example writes, except by a name that the command makes up.
local function file_of(example)
  return example:match("%-%-svg (%S+)") or example:match("%-%-output (%S+)")
    or example:match("%-o (%S+)") or example:match(">(%S+)$")
end

-- Runs an example. Fails unless it succeeds and prints something or writes a file.
local function runs(name, example)
  local program = name == "html" and page_copy.command or scratch.command
  local line = example:gsub("^pymalloc", program):gsub("| head", "| cat")
  if line:find(" step [^\n]*%-%-at 40298$") then -- it needs a terminal, and a key that ends it
    line = ("printf q | script -qec '%s' /dev/null"):format(line)
  end
  local output, errors, code = scratch.run(("export HOME=$PWD; { %s; } </dev/null"):format(line))
  if errors ~= "" then
    assert.matches(REMARKS[name] or "^$", errors, example)
  end
  -- The answers that are graded are wrong: one of each group at least.
  assert.equal(line:find("--grade", 1, true) and 1 or 0, code, example)
  local file = file_of(example)
  if file then
    assert.is_true(#scratch.get(file) > 0, example)
  else
    assert.is_true(#output > 0 or #errors > 0, example)
  end
end

describe("the examples in the help of", function()
  setup(function()
    scratch.make()
    page_copy.make()
    make_files()
  end)
  before_each(put_files)
  teardown(scratch.remove)

  for _, one in ipairs(commands.read().commands) do
    if not NOT_HERE[one.name] then
      it(("pymalloc %s run, one after the other"):format(one.name), function()
        for _, example in ipairs(one.examples) do
          runs(one.name, example)
        end
      end)
    end
  end
end)
