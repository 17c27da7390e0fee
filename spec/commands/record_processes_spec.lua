-- 'pymalloc record --follow-fork': one trace for each process, and a summary.
local command = require "spec.support.command"
local processes = require "pymalloc.cli.record.processes"
local pymalloc = require "pymalloc"

local lfs = require "lfs"

describe("pymalloc record --follow-fork", function()
  if not package.searchpath("pymalloc.preload", package.cpath) then
    return pending("the preloaded library was not built: it cannot stand beside a sanitizer's")
  end

  local here = lfs.currentdir()
  local folder

  before_each(function()
    folder = command.run("mktemp -d"):match("[^\n]+")
  end)

  after_each(function()
    command.run("rm -r " .. folder)
  end)

  local function build(text, options)
    local file <close> = assert(io.open(folder .. "/main.c", "w"))
    file:write(text)
    file:close()
    assert(os.execute(("cd %s && cc -O0 -w main.c -o main %s"):format(folder, options or "")))
  end

  -- Records ./main. Returns the rows of the summary: process, requests, left out, trace, command.
  local function record(words, options)
    local _, errors, code = command.run(("cd %s && mkdir -p tmp && TMPDIR=$PWD/tmp %s/%s record "
      .. "--follow-fork -o %s -- %s"):format(folder, here, command.pymalloc,
      options or "t.trace", words or "./main"))
    assert.equal(0, code, errors)
    local rows = {}
    for pid, requests, left_out, trace, line in
      errors:gmatch("\n +(%d+) +(%d+) +(%d+)  (%S+) +([^\n]*)") do
      table.insert(rows, { pid = pid, requests = tonumber(requests), trace = trace, line = line,
        left_out = tonumber(left_out) })
    end
    assert.equal("", (command.run("ls -A " .. folder .. "/tmp")), "the logs are removed")
    return rows
  end

  -- The requests of a trace of a row whose sizes are 5000x.
  local function marked(row)
    local list, sizes = {}, {}
    for operation, id, bytes in pymalloc.trace.each(folder .. "/" .. row.trace) do
      sizes[id] = bytes or sizes[id]
      if sizes[id] // 10 == 5000 then
        table.insert(list, operation .. " " .. sizes[id])
      end
    end
    return list
  end

  it("gives each forked child a trace, without its frees of older blocks", function()
    build [[
      #include <stdlib.h>
      #include <sys/wait.h>
      #include <unistd.h>
      int main(void) {
        void *volatile old = malloc(50001);
        for (int i = 2; i < 4; i++)
          if (fork() == 0) {
            free(old);
            void *volatile block = malloc(50000 + i);
            free(block);
            if (i == 3 && fork() == 0) {
              block = malloc(50005);
              _exit(0);
            }
            wait(NULL);
            _exit(0);
          }
        while (wait(NULL) > 0)
          continue;
        free(old);
        return 0;
      }]]
    local rows = record()
    assert.equal(4, #rows)
    assert.same({ "malloc 50001", "free 50001" }, marked(rows[1]))
    local children = {}
    for i = 2, 4 do
      assert.equal("t.trace." .. rows[i].pid, rows[i].trace)
      assert.equal("./main", rows[i].line)
      children[table.concat(marked(rows[i]), ", ")] = rows[i].left_out
    end
    assert.same({ ["malloc 50002, free 50002"] = 1, ["malloc 50003, free 50003"] = 1,
      ["malloc 50005"] = 0 }, children)
  end)

  it("records the programs that a program starts, by fork, vfork and posix_spawn", function()
    build [[
      #include <spawn.h>
      #include <stdlib.h>
      #include <sys/wait.h>
      #include <unistd.h>
      extern char **environ;
      int main(int argc, char **argv) {
        char *words[] = { "./main", "x", NULL };
        pid_t child;
        if (argc == 2) {
          free(malloc(50007));
          return 0;
        }
        if (fork() == 0) execv("./main", words);
        if (vfork() == 0) execv("./main", words);
        posix_spawn(&child, "./main", NULL, NULL, words, environ);
        return system("./main x") | (wait(NULL) < 0) | (wait(NULL) < 0) | (wait(NULL) < 0);
      }]]
    local found = 0
    for _, row in ipairs(record()) do
      if row.line == "./main x" then
        found = found + 1
        assert.same({ "malloc 50007", "free 50007" }, marked(row))
      end
    end
    assert.equal(4, found)
  end)

  it("tells the call stacks of each process", function()
    build([[
      #include <stdlib.h>
      #include <sys/wait.h>
      #include <unistd.h>
      void *volatile kept;
      void ask(int bytes) { kept = malloc(bytes); }
      int main(void) {
        ask(50001);
        if (fork() == 0) { ask(50001); ask(50002); _exit(0); }
        return wait(NULL) < 0;
      }]], "-g")
    local rows = record("./main", "t.trace --where")
    assert.equal(2, #rows)
    for _, row in ipairs(rows) do
      local text = command.read(folder .. "/" .. row.trace)
      assert.matches("\nw %d+ 0 main.c:%d+ main\nw %d+ %d+ main.c:5 ask\na %d+ 50001 @%d+\n", text)
    end
  end)

  it("cuts a command after 60 columns", function()
    local about = { pid = 7, command = ("x"):rep(60) }
    assert.equal(about.command, processes.first(about, "t", 1, 0)[5])
    about.command = ("x"):rep(61)
    assert.equal(("x"):rep(57) .. "...", processes.first(about, "t", 1, 0)[5])
  end)

  it("puts the number before the ending of a packed file", function()
    for _, ending in ipairs { ".gz", ".xz", ".zst", "" } do
      assert.equal("a.trace.7" .. ending, processes.name("a.trace" .. ending, 7))
    end
    local rows = record("sh -c 'ls >/dev/null; true'", "t.trace.gz")
    assert.equal(2, #rows)
    assert.equal(("t.trace.%s.gz"):format(rows[2].pid), rows[2].trace)
    assert.is_true(assert(pymalloc.replay(folder .. "/" .. rows[2].trace)).length > 10)
  end)
end)
