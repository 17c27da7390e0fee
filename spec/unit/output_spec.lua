-- Output files: nothing that a person had is lost.

local command = require "spec.support.command"
local lfs = require "lfs"
local output = require "pymalloc.output"
local pymalloc = require "pymalloc"
local signalled = require "spec.support.signalled"

local OLDER = "older\n"
local LOG = "malloc(10) = 0x55d0\n" -- as ltrace writes it
local TRACE = "# pymalloc trace 1\n# imported from ltrace\na 1 10\n"

local root = lfs.currentdir()
local has_library = package.searchpath("pymalloc.preload", package.cpath) ~= nil

local folder

local function put(name, text)
  local file <close> = assert(io.open(folder .. "/" .. name, "wb"))
  file:write(text)
  return folder .. "/" .. name
end

local function get(name)
  return command.read(folder .. "/" .. name)
end

-- The names in the folder, in order.
local function names()
  local list = {}
  for name in lfs.dir(folder) do
    if name ~= "." and name ~= ".." then
      table.insert(list, name)
    end
  end
  table.sort(list)
  return table.concat(list, " ")
end

-- Runs a shell line in the folder; $P is the command. Output, standard error, exit code.
local function run(line)
  return command.run(("cd %s; P=%s/script/pymalloc; %s"):format(folder, root, line))
end

before_each(function()
  folder = os.tmpname()
  os.remove(folder)
  lfs.mkdir(folder)
end)

after_each(function()
  command.run("rm -rf " .. folder)
end)

describe("an output", function()
  it("has its final name only when it is finished", function()
    local path = put("t", OLDER)
    do
      local out <close> = assert(output.open(path))
      assert.is_true(out:write("new", "er\n"))
      assert.equal(OLDER, get "t")
      assert.is_true(out:finish())
      assert.equal("newer\n", get "t")
    end
    assert.equal("t", names())
  end)

  it("is removed if it is not finished", function()
    do
      local out <close> = assert(output.open(put("t", OLDER)))
      assert.is_true(out:write("newer\n"))
    end
    do
      local out <close> = assert(output.open(folder .. "/u"))
      assert.is_true(out:write("newer\n"))
    end
    assert.equal("t", names())
    assert.equal(OLDER, get "t")
  end)

  it("has a temporary name in the same folder, another one each time", function()
    local temporary = {}
    for i = 1, 2 do
      local out <close> = assert(output.open(folder .. "/t"))
      temporary[i] = names()
      assert.matches("^%.pymalloc%-[a-z2-7]+$", temporary[i])
      assert(out)
    end
    assert.not_equal(temporary[1], temporary[2])
  end)

  it("has the permissions of the file that it replaces, or of an ordinary new file", function()
    put("log", LOG)
    local modes = run("umask 027; : >plain; : >older; chmod 604 older; $P convert log new 2>&1; "
      .. "$P convert log older 2>&1; stat -c %a plain new older | xargs"):match("[^\n]*\n$")
    assert.equal("640 640 604\n", modes)
  end)

  it("keeps a symbolic link, and replaces the file behind it", function()
    put("t", OLDER)
    lfs.mkdir(folder .. "/d")
    assert(lfs.link("../t", folder .. "/d/link", true))
    assert(lfs.link("d/link", folder .. "/link", true))
    assert.is_true(output.write(folder .. "/link", "newer\n"))
    assert.equal("newer\n", get "t")
    assert.equal("link", lfs.symlinkattributes(folder .. "/link", "mode"))
    assert.equal("link", lfs.symlinkattributes(folder .. "/d/link", "mode"))
  end)

  it("makes the file that a symbolic link names", function()
    assert(lfs.link("t", folder .. "/link", true))
    assert.is_true(output.write(folder .. "/link", "newer\n"))
    assert.equal("newer\n", get "t")
    assert.equal("link t", names())
  end)

  it("refuses links in a circle, a folder, and a folder that does not exist", function()
    assert(lfs.link("b", folder .. "/a", true))
    assert(lfs.link("a", folder .. "/b", true))
    for name, reason in pairs {
      a = "Too many levels of symbolic links", ["."] = "Is a directory",
      ["none/t"] = "No such file or directory", ["none/"] = "Is a directory",
      ["a/t"] = "Too many levels of symbolic links",
      [("x"):rep(300)] = "File name too long", [("x/"):rep(3000)] = "File name too long",
    } do
      local path = folder .. "/" .. name
      local ok, problem = output.write(path, "newer\n")
      assert.is_nil(ok)
      assert.equal(path .. ": " .. reason, problem)
    end
    assert.same({ nil, ": No such file or directory", n = 2 }, table.pack(output.open("")))
    assert.equal("a b", names())
  end)

  it("refuses to replace a file where no new one can be made beside it", function()
    local ok, problem = output.write("/proc/self/comm", "newer\n")
    assert.is_nil(ok)
    assert.matches("^/proc/self/comm cannot be replaced: no file can be made in its folder: ",
      problem)
  end)

  it("refuses a file that may not be written, though its folder may", function()
    put("t", OLDER)
    put("log", LOG)
    local line = "chmod 777 .; chmod 444 t; setpriv --reuid=65534 --clear-groups $P convert log t"
    local _, errors, code = run(line)
    if errors:find("setpriv", 1, true) then
      return pending("needs setpriv, and the right to change the user")
    end
    assert.same({ 1, "pymalloc: t: Permission denied\n" }, { code, errors })
    assert.equal(OLDER, get "t")
  end)

  it("is written as it is where it is a device or a named pipe", function()
    assert.is_true(output.write("/dev/null", "newer\n"))
    assert.equal("char device", lfs.attributes("/dev/null", "mode"))
    put("log", LOG)
    local text = run "mkfifo pipe; cat pipe & $P convert log pipe 2>/dev/null; wait"
    assert.equal(TRACE, text)
    assert.equal("log pipe", names())
  end)

  it("is packed also into a named pipe", function()
    put("log", LOG)
    assert.equal(TRACE, (run "mkfifo p.gz; gzip -dc <p.gz & $P convert log p.gz 2>/dev/null; wait"))
  end)

  it("is written at the place of an open file", function()
    put("log", LOG)
    for _, path in ipairs { "-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/fd/7" } do
      run(("{ echo head; $P convert log %s 7>&1; echo tail; } >t"):format(path))
      assert.equal("head\n" .. TRACE .. "tail\n", get "t", path)
    end
    assert(lfs.link("/dev/stdout", folder .. "/link", true))
    run "{ echo head; $P convert log link; echo tail; } >t"
    assert.equal("head\n" .. TRACE .. "tail\n", get "t")
  end)

  it("has no text of the command in it where standard output and error are closed", function()
    put("log", LOG)
    run "$P convert log t >&- 2>&-"
    assert.equal(TRACE, get "t")
    local _, _, code = run "$P convert log - >&- 2>&-"
    assert.equal(1, code)
    code = select(3, run "$P --help >&- 2>&-")
    assert.equal(1, code)
  end)

  it("refuses a descriptor that is not open to write", function()
    put("log", LOG)
    for _, path in ipairs { "/dev/fd/0 </dev/null", "/dev/fd/9 9>&-" } do
      local _, errors, code = run("$P convert log " .. path)
      assert.equal(1, code)
      assert.matches("^pymalloc: /dev/fd/%d: [BN][^\n]+\n$", errors)
    end
  end)

  it("gives the reader of a named pipe the end of its input if it fails", function()
    put("log", "hello\n")
    local text, _, code = run("mkfifo pipe; timeout 5 cat pipe & $P convert log pipe; x=$?; "
      .. "wait $! && exit $x")
    assert.same({ "", 1 }, { text, code })
  end)

  it("is unchanged where the disk is full, and the message says so", function()
    put("t", OLDER)
    put("t.gz", OLDER)
    put("log", LOG:rep(1000))
    for name, reason in pairs { t = "File too large", ["t.gz"] = "File too large" } do
      local _, errors, code = run(("ulimit -f 1; $P convert log %s"):format(name))
      assert.equal(1, code)
      assert.equal(("pymalloc: %s cannot be written: %s; %s is unchanged\n"):format(name, reason,
        name), errors)
    end
    assert.equal(OLDER .. OLDER, get "t" .. get "t.gz")
    local _, errors = run "ulimit -f 1; $P convert log new"
    assert.equal("pymalloc: new cannot be written: File too large\n", errors)
    assert.equal("log t t.gz", names())
  end)

  it("is unchanged where the tool that packs it fails", function()
    put("t.xz", OLDER)
    put("log", LOG)
    for code, reason in pairs {
      [1] = "xz fails", [127] = "the program 'xz', which packs it, is not installed",
    } do
      put("xz", "#!/bin/sh\ncat >/dev/null\nexit " .. code .. "\n")
      local _, errors, got = run "chmod +x xz; PATH=$PWD:$PATH $P convert log t.xz"
      assert.equal(1, got)
      assert.equal(("pymalloc: t.xz cannot be written: %s; t.xz is unchanged\n"):format(reason),
        errors)
    end
    assert.equal(OLDER, get "t.xz")
    assert.equal("log t.xz xz", names())
  end)

  it("is used by trace.save, which reports a failure and does not end the script", function()
    local trace = assert(pymalloc.trace.parse("a 1 8\n"))
    put("t", OLDER)
    assert.same({ true, n = 1 }, table.pack(pymalloc.trace.save(trace, folder .. "/t.gz")))
    assert.equal("a 1 8\n", assert(pymalloc.trace.load(folder .. "/t.gz")).text)
    local ok, problem = pymalloc.trace.save(trace, "/dev/full")
    assert.is_nil(ok)
    assert.equal("/dev/full cannot be written: No space left on device", problem)
    put("xz", "#!/bin/sh\nexit 1\n")
    local text = run(("chmod +x xz; PATH=$PWD:$PATH %s lua5.4 -e '%s'"):format(command.environment
      :gsub("%./", root .. "/"), [[
        local pymalloc = require "pymalloc"
        local text = ("a 1 8\nf 1\n"):rep(100000)
        print(pymalloc.trace.save(assert(pymalloc.trace.parse(text)), "t.xz"))]]))
    assert.equal("nil\tt.xz cannot be written: xz fails\n", text)
    assert.equal("t t.gz xz", names())
  end)
end)

describe("a path with a zero byte", function()
  it("is refused by all functions that take a path, and no file is read or made", function()
    put("t", "a 1 8\n")
    local path = folder .. "/t\0x"
    local trace = assert(pymalloc.trace.parse("a 1 8\n"))
    for name, f in pairs {
      load = function() pymalloc.trace.load(path) end,
      save = function() pymalloc.trace.save(trace, folder .. "/u\0x") end,
      ["save packed"] = function() pymalloc.trace.save(trace, folder .. "/u\0.gz") end,
      each = function() pymalloc.trace.each(path) end,
      replay_file = function() pymalloc.trace.replay_file(path) end,
      replay = function() pymalloc.replay(path) end,
      ["replay of a table"] = function() pymalloc.replay { path = path } end,
      experiment = function()
        pymalloc.experiment { traces = { path }, geometries = { "3.6" } }
      end,
    } do
      assert.error_matches(f, "pymalloc: .*zero byte", nil, nil, name)
    end
    assert.equal("t", names())
  end)
end)

local SIGNALS = {
  { "INT", 130, "interrupted" }, { "TERM", 143, "terminated" }, { "HUP", 129, "ended by a hangup" },
  { "QUIT", 131, "interrupted" },
}

-- A pipe that is full and that nobody reads, as descriptor 7.
local FULL = "mkfifo full; exec 7<>full; head -c 65536 /dev/zero >&7; "

-- Each command in a state in which it waits: its line, a condition that says that it is there,
-- and the note about its output.
local waiting = {
  { "replay", "exec $P replay -" },
  { "convert", "exec $P convert - t.trace", "[ -e .pymalloc-* ]", "t.trace is unchanged" },
  { "convert to a new file", "exec $P convert - new.trace.xz", "[ -e .pymalloc-* ]",
    "new.trace.xz is not written" },
  { "convert to a link", "exec $P convert - link", "[ -e .pymalloc-* ]", "link is unchanged" },
  { "convert while it packs", "PATH=$PWD:$PATH exec $P convert log t.trace.xz", "[ -e ready ]",
    "t.trace.xz is unchanged" },
  { "convert to standard output", "exec $P convert - -" },
  { "profiles", FULL .. "exec $P profiles >&7" },
  { "classes", FULL .. "exec $P classes >&7" },
  { "pins", "exec $P pins -" },
  { "attach", FULL .. "exec $P attach snapshot.json >&7" },
  { "lesson", "exec $P lesson 3", "grep -q guess output", "to continue: pymalloc lesson 3" },
}

describe("a signal that ends", function()
  local heap <const> = assert(pymalloc.heap())

  for _, case in ipairs(waiting) do
    for _, signal in ipairs(SIGNALS) do
      it(("%s: %s"):format(case[1], signal[1]), function()
        put("t.trace", OLDER)
        assert(lfs.link("t.trace", folder .. "/link", true))
        put("t.trace.xz", OLDER)
        put("log", LOG)
        assert(heap:snapshot():save(folder .. "/snapshot.json"))
        put("xz", "#!/bin/sh\necho >ready; exec sleep 9\n")
        run "chmod +x xz"
        local line = case[2]:gsub("%$P ", root .. "/script/pymalloc ")
        local code, errors = signalled.run(folder, line, signal[1], case[3])
        assert.equal(signal[2], code)
        assert.equal(case[4] and ("pymalloc: %s; %s\n"):format(signal[3], case[4]) or "", errors)
        assert.equal(OLDER .. OLDER, get "t.trace" .. get "t.trace.xz")
        assert.is_nil(names():find(".pymalloc-", 1, true))
        assert.is_nil(names():find("new.trace", 1, true))
      end)
    end
  end
end)

describe("Ctrl-C in a terminal", function()
  -- Runs a line of the shell in a terminal, and types Ctrl-C when the condition holds. Returns
  -- what the terminal shows.
  local function interrupt(line, ready)
    put("line", "trap : INT\n" .. line .. "\necho code:$?\n")
    return (run(("export P; (until %s; do sleep 0.02; done; printf '\\003'; sleep 0.2) "
      .. "| TERM=dumb script -qfec 'sh line' shown"):format(ready)))
  end

  it("ends a lesson at once, also where it waits for Enter", function()
    local shown = interrupt("$P lesson 3", "grep -q 'Press Enter' shown")
    assert.matches("pymalloc: interrupted; to continue: pymalloc lesson 3\r\ncode:130\r\n$", shown)
  end)

  it("ends a recorded program, and the recorder keeps the requests until then", function()
    if not has_library then
      return pending("the preloaded library is not built with sanitizers")
    end
    local shown = interrupt("$P record -o t.trace -- sh -c 'echo >ready; read line'",
      "[ -e ready ]")
    assert.matches("pymalloc: interrupted; %d+ requests recorded in t.trace\r\ncode:130\r\n$",
      shown)
    assert.is_true(assert(pymalloc.replay(folder .. "/t.trace")).length > 5)
  end)

  it("reaches a recorded program once", function()
    if not has_library then
      return pending("the preloaded library is not built with sanitizers")
    end
    local shown = interrupt([[$P record -o t.trace -- sh -c '
      trap "echo caught" INT; echo >ready; sleep 1; exit 4']], "[ -e ready ]")
    assert.equal(1, select(2, shown:gsub("caught", "")))
    assert.matches("code:4\r\n$", shown)
  end)
end)

describe("pymalloc record", function()
  if not has_library then
    return pending("the preloaded library was not built: it cannot stand beside a sanitizer's")
  end

  local RECORD = "mkdir tmp; export TMPDIR=$PWD/tmp; exec $P record -o t.trace -- "
  local READY = "[ -e ready ]"

  local function record(signal, program)
    local line = (RECORD .. program):gsub("%$P ", root .. "/script/pymalloc ")
    return signalled.run(folder, line, signal, READY)
  end

  local function assert_is_recorded()
    assert.is_true(assert(pymalloc.replay(folder .. "/t.trace")).length > 5)
    assert.matches("^errors input output ready t.trace tmp$", names())
    assert.equal("", (run "ls -A tmp"))
  end

  for _, signal in ipairs(SIGNALS) do
    it(("passes %s on to the program, and keeps the requests until then"):format(signal[1]),
      function()
        put("t.trace", OLDER)
        local code, errors = record(signal[1], "sh -c \"echo >ready; read line\"")
        assert.equal(signal[2], code)
        assert.matches("^pymalloc: interrupted; %d+ requests recorded in t.trace\n$", errors)
        assert_is_recorded()
      end)
  end

  it("leaves an older file if a signal ends the program before its first request", function()
    put("t.trace", OLDER)
    put("main.c", [[
      #include <fcntl.h>
      #include <unistd.h>
      int main(void) { open("ready", O_CREAT | O_WRONLY, 0600); pause(); return 0; }]])
    assert.equal("", select(2, run "cc main.c -o waiting"))
    local code, errors = record("TERM", "./waiting")
    assert.same({ 143, "pymalloc: nothing was recorded: a signal ended the program; t.trace is "
      .. "unchanged\n" }, { code, errors })
    assert.equal(OLDER, get "t.trace")
  end)

  it("has the exit code of a program that handles the signal", function()
    local code, errors = record("TERM",
      "sh -c \"trap \\\"exit 5\\\" TERM; echo >ready; read line\"")
    assert.equal(5, code)
    assert.matches("^pymalloc: %d+ requests recorded in t.trace\n$", errors)
    assert_is_recorded()
  end)

  it("starts the program with the standard descriptors that are closed here", function()
    run("$P record -o t.trace -- sh -c 'for i in 0 1 2; do [ -e /proc/$$/fd/$i ] || echo $i; "
      .. "done >closed' 2>&- <&-")
    assert.equal("0\n2\n", get "closed")
  end)

  it("names the folder of temporary files where the log cannot be made", function()
    local _, errors, code = run "TMPDIR=/none $P record -o t -- true"
    assert.same({ 1, "pymalloc: the log of requests cannot be made: /none: No such file or "
      .. "directory\n" }, { code, errors })
    assert.equal("", names())
  end)

  it("writes to a named pipe and to an open file, and keeps a device", function()
    run "mkfifo pipe; cat pipe >got & $P record -o pipe -- ls; wait"
    assert.is_true(assert(pymalloc.replay(folder .. "/got")).length > 0)
    run "$P record -o /dev/fd/5 -- ls 5>got"
    assert.is_true(assert(pymalloc.replay(folder .. "/got")).length > 0)
    local _, problem = run "mknod null c 1 3"
    if problem ~= "" then
      return pending("needs the right to make a device")
    end
    for _, program in ipairs { "ls", "no-such-program" } do
      run("$P record -o null -- " .. program)
      assert.equal("char device", lfs.attributes(folder .. "/null", "mode"))
    end
  end)

  it("leaves an older file where nothing is recorded", function()
    put("t.trace", OLDER)
    put("main.c", "int main(void) { return 0; }")
    assert.equal("", select(2, run "cc -static main.c -o static"))
    put("own.c", "void *malloc(unsigned long bytes) { return 0; } int main(void) { return 0; }")
    assert.equal("", select(2, run "cc -w own.c -o own"))
    for line, message in pairs {
      ["no-such-program"] = "^pymalloc: no%-such%-program: [^\n]*\n$",
      ["./static"] = "^pymalloc: %./static cannot be recorded: it is statically linked\n$",
      ["./own"] = "^pymalloc: nothing was recorded: [^\n]*; t.trace is unchanged\n$",
    } do
      local _, errors, code = run("mkdir -p tmp; TMPDIR=$PWD/tmp $P record -o t.trace -- " .. line)
      assert.equal(line == "no-such-program" and 127 or 1, code)
      assert.matches(message, errors)
      assert.equal(OLDER, get("t.trace"))
    end
  end)
end)
