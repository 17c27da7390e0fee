-- Output files: an older file is replaced by a complete one, or not at all.

local command = require "spec.support.command"
local core = require "pymalloc.core"
local lfs = require "lfs"
local output = require "pymalloc.output"
local pymalloc = require "pymalloc"
local scratch = require "spec.support.scratch"

local OLDER = "older\n"
local LOG = "malloc(10) = 0x55d0\n" -- as ltrace writes it
local TRACE = "# pymalloc trace 1\n# imported from ltrace\na 1 10\n"
local root = lfs.currentdir()

local put, get, names, run = scratch.put, scratch.get, scratch.names, scratch.run

before_each(scratch.make)
after_each(scratch.remove)

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
      local out <close> = assert(output.open(scratch.path .. "/u"))
      assert.is_true(out:write("newer\n"))
    end
    assert.equal("t", names())
    assert.equal(OLDER, get "t")
  end)

  it("has a temporary name in the same folder, a different one each time", function()
    local temporary = {}
    for i = 1, 2 do
      local out <close> = assert(output.open(scratch.path .. "/t"))
      temporary[i] = names()
      assert.matches("^%.pymalloc%-[a-z2-7]+$", temporary[i])
      assert(out)
    end
    assert.not_equal(temporary[1], temporary[2])
  end)

  it("is packed from a temporary file that only its owner can read", function()
    local path = assert(core.output.scratch())
    assert.equal("rw-------", lfs.attributes(path, "permissions"))
    assert(core.output.remove(path))
  end)

  it("has the permissions of the file that it replaces, or of an ordinary new file", function()
    put("log", LOG)
    local modes = run("umask 027; : >plain; : >older; chmod 604 older; $P convert log new 2>&1; "
      .. "$P convert log older 2>&1; stat -c %a plain new older | xargs"):match("[^\n]*\n$")
    assert.equal("640 640 604\n", modes)
  end)

  it("keeps a symbolic link, and replaces the file behind it", function()
    put("t", OLDER)
    lfs.mkdir(scratch.path .. "/d")
    assert(lfs.link("../t", scratch.path .. "/d/link", true))
    assert(lfs.link("d/link", scratch.path .. "/link", true))
    assert.is_true(output.write(scratch.path .. "/link", "newer\n"))
    assert.equal("newer\n", get "t")
    assert.equal("link", lfs.symlinkattributes(scratch.path .. "/link", "mode"))
    assert.equal("link", lfs.symlinkattributes(scratch.path .. "/d/link", "mode"))
  end)

  it("follows as many symbolic links as the system does", function()
    put("0", OLDER)
    for i = 1, 39 do
      assert(lfs.link(tostring(i - 1), scratch.path .. "/" .. i, true))
    end
    assert.is_true(output.write(scratch.path .. "/39", "newer\n"))
    assert.equal("newer\n", get "0")
    assert.equal("link", lfs.symlinkattributes(scratch.path .. "/39", "mode"))
  end)

  it("makes the file that a symbolic link names", function()
    assert(lfs.link("t", scratch.path .. "/link", true))
    assert.is_true(output.write(scratch.path .. "/link", "newer\n"))
    assert.equal("newer\n", get "t")
    assert.equal("link t", names())
  end)

  it("refuses links in a circle, a folder, and a folder that does not exist", function()
    assert(lfs.link("b", scratch.path .. "/a", true))
    assert(lfs.link("a", scratch.path .. "/b", true))
    for name, reason in pairs {
      a = "Too many levels of symbolic links", ["."] = "Is a directory",
      ["none/t"] = "No such file or directory", ["none/"] = "Is a directory",
      ["a/t"] = "Too many levels of symbolic links",
      [("x"):rep(300)] = "File name too long", [("x/"):rep(3000)] = "File name too long",
    } do
      local path = scratch.path .. "/" .. name
      local ok, problem = output.write(path, "newer\n")
      assert.is_nil(ok)
      assert.equal(path .. ": " .. reason, problem)
    end
    assert.equal("a b", names())
  end)

  it("refuses an empty name in every command, before anything is done", function()
    local problem = "the name of the output is empty (allowed: a path, or - for standard output)"
    assert.same({ nil, problem }, { output.open "" })
    put("t.trace", TRACE)
    for _, line in ipairs { "convert t.trace ''", "html t.trace -o ''", "workload uniform ''",
      "record -o '' -- touch ran", "compare t.trace --shard 1/1 -o ''", "compare t.trace --svg ''",
      "show t.trace --svg ''", "analyse t.trace --svg ''" } do
      local text, errors, code = run("$P " .. line)
      assert.same({ "", "pymalloc: " .. problem .. "\n", 1 }, { text, errors, code })
    end
    assert.equal("t.trace", names())
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
    assert(lfs.link("/dev/stdout", scratch.path .. "/link", true))
    run "{ echo head; $P convert log link; echo tail; } >t"
    assert.equal("head\n" .. TRACE .. "tail\n", get "t")
  end)

  it("is written behind the text of an open file of another process", function()
    put("log", LOG)
    run "sh -c 'echo head; echo >ready; exec sleep 600' >t & pid=$!; \
      until [ -e ready ]; do sleep 0.02; done; $P convert log /proc/$pid/fd/1; kill $pid"
    assert.equal("head\n" .. TRACE, get "t")
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
    for _, name in ipairs { "pipe", "pipe.ptrace", "pipe.gz", "pipe.ptrace.gz" } do
      local text, _, code = run(("mkfifo %s; timeout 600 cat %s & $P convert log %s; x=$?; "
        .. "wait $! && exit $x"):format(name, name, name))
      assert.same({ "", 1 }, { text, code })
    end
  end)

  it("gives the same to a reader that comes late", function()
    put("log", "hello\n")
    local text, _, code = run("mkfifo pipe; $P convert log pipe & "
      .. "sleep 0.5; timeout 600 cat pipe; wait $!")
    assert.same({ "", 1 }, { text, code })
  end)

  it("leaves nothing where it cannot be opened, also if it would be packed", function()
    put("log", LOG)
    for _, name in ipairs { "socket", "socket.gz", "socket.ptrace" } do
      local _, errors, code = run(("mkdir new; python3 -c 'import socket; "
        .. "socket.socket(socket.AF_UNIX).bind(\"%s\")'; TMPDIR=$PWD/new $P convert log %s"):format(
        name, name))
      assert.same({ ("pymalloc: %s: No such device or address\n"):format(name), 1 },
        { errors, code })
      assert.equal("log new " .. name, names())
      run("rmdir new && rm " .. name)
    end
    assert.equal("log", names())
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

  it("reports the first failure of several", function()
    local out <close> = assert(output.open(scratch.path .. "/t"))
    assert.is_true(out:write("text"))
    out:fail("the first reason")
    out:fail("the second reason")
    local ok, problem = out:finish()
    assert.is_nil(ok)
    assert.equal(scratch.path .. "/t cannot be written: the first reason", problem)
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
    assert.same({ true, n = 1 }, table.pack(pymalloc.trace.save(trace, scratch.path .. "/t.gz")))
    assert.equal("a 1 8\n", assert(pymalloc.trace.load(scratch.path .. "/t.gz")).text)
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
    local path = scratch.path .. "/t\0x"
    local trace = assert(pymalloc.trace.parse("a 1 8\n"))
    for name, f in pairs {
      load = function() pymalloc.trace.load(path) end,
      save = function() pymalloc.trace.save(trace, scratch.path .. "/u\0x") end,
      ["save packed"] = function() pymalloc.trace.save(trace, scratch.path .. "/u\0.gz") end,
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
