-- The programs that 'pymalloc record' cannot record, and the reasons that it gives.
local command = require "spec.support.command"

local lfs = require "lfs"

local here = lfs.currentdir()
local MAIN = "int main(void) { return 0; }"

local NOTHING = "pymalloc: nothing was recorded: "

describe("pymalloc record", function()
  if not package.searchpath("pymalloc.preload", package.cpath) then
    return pending("the preloaded library was not built: it cannot stand beside a sanitizer's")
  end

  local folder

  before_each(function()
    folder = command.run("mktemp -d"):match("[^\n]+")
  end)

  after_each(function()
    command.run("rm -r " .. folder)
  end)

  local function run(line)
    return command.run(("cd %s; P=%s; %s"):format(folder, here .. "/" .. command.pymalloc, line))
  end

  local function put(name, text)
    local file <close> = assert(io.open(folder .. "/" .. name, "w"))
    file:write(text)
  end

  -- Builds ./main from a text in C; false: the compiler cannot.
  local function build(text, options)
    put("main.c", text)
    return select(3, run("cc -w main.c -o main " .. options .. " 2>/dev/null")) == 0
  end

  -- The message and the exit code of recording the words of a command.
  local function record(words)
    local _, errors, code = run("$P record -o t.trace -- " .. words)
    return errors, code
  end

  local function assert_refused(reason, words)
    assert.same({ ("pymalloc: %s cannot be recorded: %s\n"):format(words:match("%S+"), reason), 1 },
      { record(words) })
    assert.is_nil(lfs.attributes(folder .. "/t.trace"))
  end

  it("names a program that is not there", function()
    assert.same({ "pymalloc: no-such: there is no such program in the folders of PATH\n", 127 },
      { record("no-such") })
    assert.same({ "pymalloc: ./no-such: there is no such file\n", 127 }, { record("./no-such") })
    assert.same({ "pymalloc: the name of the program is empty\n", 127 }, { record("''") })
  end)

  it("names a program that is not executable", function()
    put("main", MAIN)
    assert.same({ "pymalloc: ./main: is not executable\n", 126 }, { record("./main") })
    assert.same({ "pymalloc: /: is a folder, not a program\n", 126 }, { record("/") })
  end)

  it("runs no program that is statically linked", function()
    for _, option in ipairs { "-static", "-static-pie" } do
      if build(MAIN, option) then
        assert_refused("it is statically linked", "./main")
      end
    end
    assert.is_true(build(MAIN, "-static"))
  end)

  it("runs no program with the malloc of a sanitizer", function()
    for _, name in ipairs { "address", "thread", "leak" } do
      for _, compiler in ipairs { "gcc", "clang" } do
        put("main.c", MAIN)
        if os.execute(("cd %s && %s -fsanitize=%s main.c -o main 2>/dev/null")
          :format(folder, compiler, name)) then
          assert_refused(("it was built with -fsanitize=%s, and needs the malloc of that")
            :format(name), "./main")
        end
      end
    end
  end)

  it("records a program whose sanitizer has no malloc", function()
    if not build("#include <stdlib.h>\nint main(void) { free(malloc(5)); return 0; }",
      "-fsanitize=undefined") then
      return pending("the compiler has no -fsanitize=undefined")
    end
    local errors, code = record("./main")
    assert.equal(0, code)
    assert.matches("^pymalloc: %d requests recorded in t.trace\n$", errors)
  end)

  it("names the interpreter of a script that cannot be recorded", function()
    assert.is_true(build(MAIN, "-static"))
    put("script", ("#!%s/main -x\n"):format(folder))
    put("outer", ("#! %s/script\n"):format(folder))
    run("chmod +x script outer")
    local reason = ("its interpreter is %s/main: it is statically linked"):format(folder)
    assert_refused(reason, "./script")
    assert_refused(("its interpreter is %s/script: %s"):format(folder, reason), "./outer")
    put("text", "echo\n")
    run("chmod +x text")
    assert_refused("it is neither an ELF program nor a script with a first line #!INTERPRETER",
      "./text")
  end)

  it("runs no program of another kind of processor, or of other width", function()
    assert.is_true(build(MAIN, ""))
    local bytes = command.read(folder .. "/main")
    put("main", bytes:sub(1, 18) .. "\xf3\0" .. bytes:sub(21))
    assert_refused("it is made for another kind of processor than the recorder", "./main")
    put("main", bytes:sub(1, 4) .. "\1" .. bytes:sub(6))
    assert_refused("it is a program of 32 bits, and the recorder is one of 64", "./main")
  end)

  it("runs a damaged program, as the shell does", function()
    assert.is_true(build(MAIN, ""))
    local bytes = command.read(folder .. "/main")
    for _, length in ipairs { 64, 100, 1000, 4000 } do
      put("main", bytes:sub(1, length))
      local errors, code = record("./main")
      assert.is_nil(errors:find("traceback", 1, true), errors)
      assert.is_true(code > 0)
    end
  end)

  it("runs no program with the rights of another user", function()
    assert.is_true(build(MAIN, ""))
    if select(3, run("chown 65534 main && chmod u+s main")) ~= 0 then
      return pending("only root can give a file to another user")
    end
    assert_refused("it runs with the rights of another user or group: the system then ignores "
      .. "the recorder", "./main")
  end)

  it("says that a program has a malloc of its own", function()
    assert.is_true(build([[
      #include <stddef.h>
      static char block[64];
      void *malloc(size_t bytes) { return block; }
      int main(void) { return malloc(5) == NULL; }]], "-fno-builtin"))
    assert.same({ NOTHING .. "the program has a malloc of its own\n", 1 },
      { record("./main") })
  end)

  it("records a calloc of more than 2^32 elements with their number", function()
    assert.is_true(build("#include <stdlib.h>\nint main(void) { return calloc((1UL << 32) + 7, 0) "
      .. "== NULL; }", "-fno-builtin"))
    assert.same({ "pymalloc: 1 request recorded in t.trace\n", 0 }, { record("./main") })
    assert.matches("\nc 1 4294967303 0\n", command.read(folder .. "/t.trace"))
  end)

  it("says that a program asked for nothing", function()
    assert.is_true(build(MAIN, ""))
    assert.same({ NOTHING .. "the program made no request to malloc\n", 1 },
      { record("./main") })
  end)

  it("names a program that has replaced the recorded one, by each function of exec", function()
    assert.is_true(build(MAIN, "-static"))
    run("mv main static")
    assert.is_true(build([[
      #define _GNU_SOURCE
      #include <fcntl.h>
      #include <stdlib.h>
      #include <string.h>
      #include <unistd.h>
      int main(int argc, char **argv) {
        char *words[] = { "static", "x", NULL }, *environment[] = { NULL };
        free(malloc(5));
        execl("./no-such", "no-such", (char *)NULL); /* is forgotten, as it fails */
        if (argc == 1) return 0;
        switch (argv[1][0] - '0') {
        case 0: execve("./static", words, environment);
        case 1: execv("./static", words);
        case 2: execvp("./static", words);
        case 3: execvpe("./static", words, environment);
        case 4: execl("./static", "static", "x", (char *)NULL);
        case 5: execlp("./static", "static", "x", "y", (char *)NULL);
        case 6: execle("./static", "static", (char *)NULL, environment);
        case 7: fexecve(open("./static", O_RDONLY), words, environment);
        case 8: execveat(AT_FDCWD, "./static", words, environment, 0);
        }
        return 1;
      }]], ""))
    assert.same({ "pymalloc: 2 requests recorded in t.trace\n", 0 }, { record("./main") })
    for case = 0, 8 do
      local errors, code = record("./main " .. case)
      assert.equal(0, code, errors)
      assert.matches("^pymalloc: 2 requests recorded in t.trace\npymalloc: the recording ends "
        .. "early: ./main was replaced by %S+, which cannot be recorded: ", errors)
      assert.matches("/static, which cannot be recorded: it is statically linked\n$", errors)
    end
  end)

  it("forgets the program before one that is recorded", function()
    local _, errors, code = run("$P record -o t.trace -- env sh -c 'exec ls -d .'")
    assert.equal(0, code)
    assert.matches("^pymalloc: %d+ requests recorded in t.trace\n$", errors)
  end)

  it("says where a program was started without the recorder", function()
    local errors, code = record("env -i sh -c true")
    assert.equal(0, code)
    assert.matches("ends early: env was replaced by sh, which cannot be recorded: the recorder was "
      .. "not loaded into it\n$", errors)
  end)

  it("can be installed in a folder whose name has a space and a colon", function()
    run("mkdir -p 'a b:c' tmp && cp -r " .. here .. "/" .. (package.searchpath("pymalloc.preload",
      package.cpath):match("^(.*)/[^/]*$")) .. " 'a b:c/pymalloc'")
    local cpath = folder .. "/a b:c/?.so"
    local line = ("TMPDIR=%s/tmp LUA_CPATH='%s;;' LUA_PATH='%s/lua/?.lua;%s/lua/?/init.lua;;' "
      .. "lua5.4 %s/lua/bin/pymalloc record -o t.trace -- sort main.c"):format(folder, cpath, here,
      here, here)
    put("main.c", MAIN)
    local _, errors, code = run(line)
    assert.matches("^pymalloc: %d+ requests recorded in t.trace\n$", errors)
    assert.equal(0, code)
    assert.equal("", (run("ls tmp")), "the link is removed")
    _, errors, code = run("mkdir 'x y'; " .. line:gsub("/tmp ", "/x\\ y ", 1))
    assert.equal(1, code)
    assert.matches("^pymalloc: LD_PRELOAD cannot have the path of the library, ", errors)
  end)

  it("finds its library by a relative path, also where PWD is not set", function()
    local relative = package.searchpath("pymalloc.preload", package.cpath):match("^(.*)/pymalloc/")
    local _, errors, code = command.run(("LUA_CPATH='%s/?.so;;' "
      .. "LUA_PATH='lua/?.lua;lua/?/init.lua;;' env -u PWD lua5.4 lua/bin/pymalloc record "
      .. "-o %s/t.trace -- sort README.md >/dev/null"):format(relative, folder))
    assert.matches("^pymalloc: %d+ requests recorded in ", errors)
    assert.equal(0, code)
  end)
end)
