-- 'pymalloc record --python --where': the call stacks of requests, in each CPython that is
-- installed. The programs ask for bytes of sizes that nothing else asks for.
local command = require "spec.support.command"
local core = require "pymalloc.core"
local live_python = require "spec.support.live_python"
local recorded_stacks = require "spec.support.recorded_stacks"

local library = package.searchpath("pymalloc.preload_python", package.cpath)

local BYTES_HEAD = 33 -- of a bytes object, with the zero at its end

-- The size of the request for b"x" * count.
local function size_of(count)
  return BYTES_HEAD + count
end

describe("pymalloc record --python --where", function()
  if not library then
    return pending("the preloaded library was not built: it cannot stand beside a sanitizer's")
  end

  local pythons, path = live_python.interpreters(7, 13), nil
  if #pythons == 0 then
    return pending("needs a CPython of 3.7 to 3.13")
  end

  before_each(function()
    path = os.tmpname()
  end)

  after_each(function()
    os.remove(path)
  end)

  local function record(python, script, options)
    local _, errors, code = command.run(("%s record --python --where %s -o %s -- %s -S %s")
      :format(command.pymalloc, options or "", path, python.path, script))
    assert.equal(0, code, errors)
    return errors
  end

  -- The frames of a script's request, with the script's path removed.
  local function stacks(script, counts)
    local sizes, result = {}, {}
    for i, count in ipairs(counts) do
      sizes[i] = size_of(count)
    end
    for size, stack in pairs(recorded_stacks.by_size(path, sizes)) do
      for i, frame in ipairs(stack) do
        stack[i] = frame:gsub("^" .. script:gsub("%p", "%%%0") .. ":", "")
      end
      result[size - BYTES_HEAD] = stack
    end
    return result
  end

  -- A frame of a method has the name of its class since 3.11.
  local function name(python, class, method)
    return python.minor >= 11 and class .. "." .. method or method
  end

  it("has the line and the function of each frame, innermost first", function()
    local script <close> = command.file([[
import threading
def ask(n):
    return b"x" * n
class Box:
    def fill(self):
        self.kept = ask(70002)
def numbers():
    yield ask(70003)
def call(f, *rest):
    return f(*rest)

kept = ask(70001)
Box().fill()
list(numbers())
call(call, ask, 70004)
t = threading.Thread(target=ask, args=(70005,)); t.start(); t.join()
sorted("a", key=lambda _: ask(70006))
eval("ask(70007)")
]], ".py")
    for _, python in ipairs(pythons) do
      record(python, script.path)
      local found = stacks(script.path, { 70001, 70002, 70003, 70004, 70005, 70006, 70007 })
      assert.same({ "3 ask", "12 <module>" }, found[70001], python.version)
      assert.same({ "3 ask", "6 " .. name(python, "Box", "fill"), "13 <module>" }, found[70002])
      assert.same({ "3 ask", "8 numbers", "14 <module>" }, found[70003])
      assert.same({ "3 ask", "10 call", "10 call", "15 <module>" }, found[70004])
      assert.equal("3 ask", found[70005][1])
      assert.matches("threading%.py:%d+ .*run$", found[70005][2])
      assert.same({ "3 ask", "17 <lambda>", "17 <module>" }, found[70006])
      assert.same({ "3 ask", "<string>:1 <module>", "18 <module>" }, found[70007])
    end
  end)

  -- Iterates over two CPythons: one whose frames are objects, and one of 3.11 or later, whose
  -- frames are not.
  local function two_kinds()
    local kinds = {}
    for _, python in ipairs(pythons) do
      kinds[python.minor < 11 and 1 or 2] = python
    end
    return pairs(kinds)
  end

  it("has the right line where the memory of a code object is used again", function()
    local script <close> = command.file([[
def ask(n):
    return b"x" * n
for i in range(200):
    exec(compile("\n" * (i % 97) + "ask(%d)" % (71000 + i), "<made %d>" % i, "exec"))
]], ".py")
    local counts = {}
    for i = 0, 199 do
      counts[i + 1] = 71000 + i
    end
    for _, python in two_kinds() do
      record(python, script.path)
      local found = stacks(script.path, counts)
      for i = 0, 199 do
        assert.same({ "2 ask", ("<made %d>:%d <module>"):format(i, i % 97 + 1), "4 <module>" },
          found[71000 + i], python.version)
      end
    end
  end)

  it("joins the frames beyond --depth under one root", function()
    local script <close> = command.file([[
def down(n, count):
    if n == 0:
        return b"x" * count
    return down(n - 1, count)
down(100, 70001)
down(2, 70002)
]], ".py")
    for _, python in two_kinds() do
      record(python, script.path, "--depth 4")
      local found = stacks(script.path, { 70001, 70002 })
      local deep = found[70001]
      assert.equal("...", deep[#deep], python.version)
      assert.is_true(#deep - 1 >= 2 and #deep - 1 <= 4, python.version)
      assert.same({ "3 down", "4 down", "4 down" }, { table.unpack(deep, 1, 3) })
      assert.same({ "3 down", "4 down", "4 down", "6 <module>" }, found[70002])
    end
  end)

  it("writes names in UTF-8, and the end of a path that is long", function()
    local folder <close> = command.file("")
    local long = folder.path .. "-" .. ("ü"):rep(60) .. "/" .. ("folder/"):rep(10)
    assert(os.execute("mkdir -p " .. long))
    local file <close> = assert(io.open(long .. "größe.py", "w"))
    file:write("def été(): return b'x' * 70001\ndef 中𝑥(): return b'x' * 70002\nété(); 中𝑥()\n")
    file:close()
    for _, python in ipairs(pythons) do
      record(python, long .. "größe.py")
      local found = recorded_stacks.by_size(path, { size_of(70001), size_of(70002) })
      assert.matches("^%.%.%.[\xc3\xbc]*/folder/.*/größe%.py:1 été$", found[size_of(70001)][1])
      assert.matches("/größe%.py:2 中x$", found[size_of(70002)][1]) -- NFKC: Python's rule
      assert.is_true(#found[size_of(70001)][1] <= 200)
    end
    os.execute("rm -r " .. folder.path .. "-*")
  end)

  it("changes no request of the program", function()
    if not os.execute("setarch -R true 2>/dev/null") then
      return pending("needs setarch, to load the program at the same addresses twice")
    end
    -- The script has a folder of its own, because CPython reads the names of all files in the
    -- folder of a script.
    local base <close> = command.file("")
    local folder = base.path .. "-folder"
    assert(os.execute("mkdir " .. folder))
    local script <close> = assert(io.open(folder .. "/script.py", "w"))
    script:write([[
def down(n):
    return [n, down(n - 1)] if n else []
rows = [{"id": i, "name": str(i) * 3, "rest": down(i % 40)} for i in range(60)]
exec(compile("x = %r" % rows, "made", "exec"))
]])
    script:close()
    local log <close> = command.file("")

    -- Records the script. Returns its requests, and how many of them have a call stack. The
    -- arguments and the environment have the same length with and without call stacks.
    local function requests_of(python, depth)
      assert(core.trace.new_log(log.path))
      assert(os.execute(("setarch -R env PYTHONHASHSEED=0 PYMALLOC_RECORD_DEPTH=%s "
        .. "PYMALLOC_RECORD=%s LD_PRELOAD=%s %s -S %s"):format(depth, log.path,
        assert(io.popen("realpath " .. library)):read("l"), python.path, folder .. "/script.py")))
      local file <close> = assert(io.open(path, "w"))
      assert(core.trace.convert_log(log.path, file, ""))
      file:close()
      local _, with_stack = recorded_stacks.count(path)
      return command.read(path):gsub("w %d+ %d+ [^\n]*\n", ""):gsub(" @%d+", ""), with_stack
    end

    -- CPython reads the time when a file was last read, as an int whose size depends on the time.
    -- So two runs may differ although the recorder has changed nothing, and are repeated.
    local function is_unchanged(python)
      for _ = 1, 5 do
        local plain, none = requests_of(python, "00")
        local with_stacks, some = requests_of(python, "16")
        assert.equal(0, none)
        assert.is_true(some > 2000, python.version)
        if plain == with_stacks then
          return true
        end
      end
      return false
    end

    for _, python in ipairs(pythons) do
      assert.is_true(is_unchanged(python), python.version)
    end
    os.execute("rm -r " .. folder)
  end)

  it("has a call stack for nearly all requests", function()
    for _, python in two_kinds() do
      record(python, "-c 'import json, re; [str(i) for i in range(5000)]'")
      local all, with_stack = recorded_stacks.count(path)
      assert.is_true(with_stack > 0.6 * all, python.version)
      assert.is_true(all > with_stack, "none before the first function, and after the last")
    end
  end)

  it("takes marks of the program, which has none where it is not recorded", function()
    local script <close> = command.file([[
import ctypes
mark = getattr(ctypes.CDLL(None), "pymalloc_mark", lambda text: None)
mark(b"load")
kept = b"x" * 70001
mark("größe\n".encode())
mark(b"y" * 300)
]], ".py")
    local python = assert(pythons[1])
    assert(os.execute(("%s %s"):format(python.path, script.path)))
    for _, options in ipairs { "--python", "" } do
      local _, errors, code = command.run(("%s record %s -o %s -- %s %s")
        :format(command.pymalloc, options, path, python.path, script.path))
      assert.equal(0, code, errors)
      local text = command.read(path)
      local first, ask = text:find("\nm load\n"), text:find("\na %d+ 70034\n")
      local last = text:find("\nm größe%?\n")
      assert.is_true(first and ask and last and first < ask and ask < last)
      assert.matches("\nm " .. ("y"):rep(200) .. "\n", text)
    end
  end)

  it("refuses options that do not go together", function()
    for _, case in ipairs {
      { "--python --depth 3 -o y -- x", "--depth needs --where" },
      { "--python --where --depth 65 -o y -- x", "--depth must be 1 to 64, got 65" },
      { "--python --where --depth 0 -o y -- x",
        "option '--depth' takes a whole number, 1 or more, got '0'" },
    } do
      local _, errors, code = command.run(command.pymalloc .. " record " .. case[1])
      assert.same({ 2, "pymalloc: " .. case[2] }, { code, errors:match("^[^\n]*") })
    end
  end)
end)
