-- Signals: each command ends with the exit code of the signal, and leaves older files unchanged.

local lfs = require "lfs"
local page_copy = require "spec.support.page_copy"
local pymalloc = require "pymalloc"
local scratch = require "spec.support.scratch"
local signalled = require "spec.support.signalled"

local OLDER = "older\n"
local LOG = "malloc(10) = 0x55d0\n" -- as ltrace writes it
local root = lfs.currentdir()
local has_library = package.searchpath("pymalloc.preload", package.cpath) ~= nil

local put, get, names, run = scratch.put, scratch.get, scratch.names, scratch.run

before_each(scratch.make)
after_each(scratch.remove)

-- A pipe that is full and that nobody reads, as descriptor 7.
local FULL = "mkfifo full; exec 7<>full; head -c 65536 /dev/zero >&7; "

-- The commands that record_output_spec.lua tests.
local elsewhere = { record = true }

-- Commands that wait: the line of the shell, the condition that holds when the command waits, and
-- the note about its output that it prints when a signal ends it.
local waiting = {
  { "replay", "exec $P replay -" },
  { "convert", "exec $P convert - t.trace", "[ -e .pymalloc-* ]", "t.trace is unchanged" },
  { "convert to a new file", "exec $P convert - new.trace.xz", "[ -e .pymalloc-* ]",
    "new.trace.xz is not written" },
  { "convert to a link", "exec $P convert - link", "[ -e .pymalloc-* ]", "link is unchanged" },
  { "convert while it packs", "PATH=$PWD:$PATH exec $P convert log t.trace.xz", "[ -e ready ]",
    "t.trace.xz is unchanged" },
  { "convert to standard output", "exec $P convert - -" },
  { "step", "exec $P step input" },
  { "html", "exec env $C html input -o t.trace", "[ -e .pymalloc-* ]", "t.trace is unchanged" },
  { "compare", "exec $P compare --geometry 3.6 input --svg t.trace" },
  { "score", "exec $P score $R/examples/answers/good.lua - --board t.trace" },
  { "report", "exec $P report -" }, { "traces", FULL .. "exec $P traces >&7" },
  { "show to a picture", "exec $P show - --svg t.trace" },
  { "profiles", FULL .. "exec $P profiles >&7" },
  { "classes", FULL .. "exec $P classes >&7" },
  { "pins", "exec $P pins -" }, { "show", "exec $P show -" },
  { "analyse", "exec $P analyse -" },
  { "workload", "exec $P workload queue --requests 999999999 t.trace", "[ -e .pymalloc-* ]",
    "t.trace is unchanged" },
  { "attach", FULL .. "exec $P attach snapshot.json >&7" },
  { "lesson", "PYMALLOC_DESK=desk exec $P lesson 3", "grep -q guess output",
    "to continue: pymalloc lesson 3" },
}

describe("a signal that ends", function()
  local heap <const> = assert(pymalloc.heap())

  for _, case in ipairs(waiting) do
    for _, signal in ipairs(signalled.SIGNALS) do
      it(("%s: %s"):format(case[1], signal[1]), function()
        put("t.trace", OLDER)
        assert(lfs.link("t.trace", scratch.path .. "/link", true))
        put("t.trace.xz", OLDER)
        put("log", LOG)
        assert(heap:snapshot():save(scratch.path .. "/snapshot.json"))
        put("xz", "#!/bin/sh\necho >ready; exec sleep 600\n")
        run "chmod +x xz"
        if case[1] == "html" then
          page_copy.make()
        end
        local line = case[2]:gsub("%$(%u)%f[%W]", { P = root .. "/script/pymalloc", R = root,
          C = page_copy.command })
        local code, errors = signalled.run(scratch.path, line, signal[1], case[3])
        assert.equal(signal[2], code)
        assert.equal(case[4] and ("pymalloc: %s; %s\n"):format(signal[3], case[4]) or "", errors)
        assert.equal(OLDER .. OLDER, get "t.trace" .. get "t.trace.xz")
        assert.is_nil(names():find(".pymalloc-", 1, true))
        assert.is_nil(names():find("new.trace", 1, true))
      end)
    end
  end
end)

it("a signal ends each command in a spec", function()
  local tested = {}
  for _, case in ipairs(waiting) do
    tested[case[1]:match("^%l+")] = true
  end
  for name in run("$P --help"):match("\nCommands:(\n.-)\n\n"):gmatch("\n   (%l+) ") do
    assert.is_true(tested[name] or elsewhere[name], name)
  end
end)

describe("a signal that is ignored", function()
  it("stays ignored, as SIGHUP under nohup", function()
    put("log", "malloc(10) = 0x55d0\n")
    local text, _, code = run([[mkfifo pipe
      (trap "" HUP; exec $P convert - t <pipe 2>errors) &
      exec 3>pipe; until ls .pymalloc-* 2>/dev/null >&2; do sleep 0.02; done
      kill -HUP $!; cat log >&3; exec 3>&-; wait $!; code=$?; cat t; exit $code]])
    assert.same({ "# pymalloc trace 1\n# imported from ltrace\na 1 10\n", 0 }, { text, code })
  end)
end)

describe("two signals while a tool packs the output", function()
  for _, pair in ipairs { { "TERM", "INT", 143 }, { "INT", "TERM", 130 } } do
    it(("end the command as the first does: %s, then %s"):format(pair[1], pair[2]), function()
      put("log", LOG)
      put("xz", "#!/bin/sh\ntrap '' TERM INT; echo >ready; read line <go\n")
      local _, _, code = run(([=[chmod +x xz; mkfifo go
        PATH=$PWD:$PATH env --default-signal=INT,TERM $P convert log t.trace.xz 2>errors &
        until [ -e ready ]; do sleep 0.02; done
        # Sends a signal, and waits until it is no longer pending: the handler blocks the others.
        send() {
          kill -$2 $1
          until grep -q '^ShdPnd:[[:blank:]]*0*$' /proc/$1/status; do sleep 0.02; done
        }
        send $! %s; send $! %s; echo >go; wait $!]=]):format(pair[1], pair[2]))
      assert.equal(pair[3], code)
      assert.equal("errors go log ready xz", names())
    end)
  end
end)

describe("Ctrl-C in a terminal", function()
  -- Runs a line of the shell in a terminal, and types Ctrl-C when the condition holds. The terminal
  -- shows it as ^C when the signal is sent; then there is a file "typed". Returns what the terminal
  -- shows.
  local function interrupt(line, ready)
    put("line", "trap : INT\n" .. line .. "\necho code:$?\n")
    return (run(([[
      export P
      await() {
        n=0
        until "$@" || [ $((n += 1)) -gt 30000 ]; do sleep 0.02; done
      }
      {
        await %s
        printf '\003'
        await grep -q '\^C' shown
        echo >typed
        await grep -q code: shown
      } | TERM=dumb script -qfec 'sh line' shown]]):format(ready)))
  end

  it("ends a lesson at once, also where it waits for Enter", function()
    local shown = interrupt("PYMALLOC_DESK=desk $P lesson 3", "grep -q 'Enter to continue' shown")
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
    assert.is_true(assert(pymalloc.replay(scratch.path .. "/t.trace")).length > 5)
  end)

  it("reaches a recorded program once", function()
    if not has_library then
      return pending("the preloaded library is not built with sanitizers")
    end
    put("main.c", [[
      #include <fcntl.h>
      #include <signal.h>
      #include <stdlib.h>
      #include <unistd.h>
      static volatile sig_atomic_t caught;
      static void count(int signal) { caught++; }
      int main(int argc, char **argv) {
        signal(SIGINT, count);
        if (argc == 2)
          setpgid(0, 0);
        free(malloc(1));
        open("ready", O_CREAT | O_WRONLY, 0600);
        while (access("typed", F_OK) != 0)
          usleep(20000);
        for (int i = 0; i < 10; i++)
          usleep(20000);
        return 3 + caught;
      }]])
    assert.equal("", select(2, run "cc main.c -o counting"))
    local shown = interrupt("$P record -o t.trace -- ./counting", "[ -e ready ]")
    assert.matches("code:4\r\n$", shown)
    run "rm ready typed shown"
    -- With this argument the program leaves the process group of the terminal, so that neither the
    -- terminal nor the recorder sends it the signal.
    shown = interrupt("$P record -o t.trace -- ./counting apart", "[ -e ready ]")
    assert.matches("code:3\r\n$", shown)
  end)
end)
