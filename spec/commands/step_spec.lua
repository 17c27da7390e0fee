-- Tests the stepper in a terminal of tmux.

local SESSION -- the name of the tmux server of the current test

local function tmux(arguments)
  local pipe = io.popen(("tmux -L %s %s 2>&1"):format(SESSION, arguments))
  local answer = pipe:read("a")
  pipe:close()
  return answer
end

local PATIENCE = 600 -- seconds; a busy machine may need many of them

-- Waits until the screen shows all of these texts; returns the screen.
local function wait_for(...)
  local screen, missing
  local last = os.time() + PATIENCE
  while os.time() <= last do
    screen, missing = tmux("capture-pane -p -t step"), nil
    for _, text in ipairs { ... } do
      missing = missing or not screen:find(text, 1, true) and text or nil
    end
    if not missing then
      return screen
    end
    os.execute("sleep 0.03")
  end
  error("the screen never showed '" .. missing .. "' but:\n" .. screen, 2)
end

local function keys(...)
  tmux("send-keys -t step " .. table.concat({ ... }, " "))
end

local has_tmux = os.execute("command -v tmux >/dev/null")

local STARTUP = "traces/cpython-startup.trace.xz"

describe("pymalloc step", function()
  if not has_tmux then
    pending("needs tmux")
    return
  end

  -- Opens a terminal with a shell, and types this command.
  local function start(command, columns, rows)
    SESSION = "pymalloc-step-" .. os.time() .. math.random(1000000)
    tmux(("new-session -d -s step -x %d -y %d sh"):format(columns or 80, rows or 24))
    keys("'cd " .. os.getenv("PWD") .. "'", "Enter")
    keys("'" .. command .. "'", "Enter")
  end

  local function step(trace, columns, rows)
    start(("script/pymalloc step %s; echo left:$?"):format(trace), columns, rows)
  end

  -- Waits for the shell, and asserts that the terminal has its modes again.
  local function assert_left(code)
    wait_for("left:" .. code)
    keys("'stty -a'", "Enter")
    local modes = wait_for(" icanon"):gsub("%s+", " ")
    assert.truthy(modes:find(" isig icanon iexten echo ", 1, true), modes)
    assert.truthy(modes:find(" min = 1; time = 0;", 1, true), modes)
  end

  after_each(function()
    tmux("kill-server")
  end)

  it("steps, goes back, searches and seeks", function()
    step(STARTUP)
    wait_for("before the first of 43354 requests")
    keys("n")
    wait_for("request 1 of 43354: malloc of id 1, 56 bytes")
    keys("n")
    wait_for("request 2 of 43354")
    keys("p")
    wait_for("request 1 of 43354")
    keys("N")
    wait_for("request 101 of 43354")
    keys("P", "p")
    wait_for("before the first")
    keys("e", "pool_full", "Enter")
    wait_for("request 333 of 43354")
    keys("g", "40298", "Enter", "n")
    wait_for("arena_release")
    keys("E", "_release", "Enter")
    wait_for("no arena_release before this request")
    keys("g", "+1", "Enter")
    wait_for("request 40300 of 43354")
    keys("End")
    wait_for("request 43354 of 43354")
    keys("Home")
    wait_for("before the first")
  end)

  it("shows the request, its events, and the header with old and new values", function()
    step(STARTUP .. " --at 101")
    local screen = wait_for("q quit")
    for _, text in ipairs { "request 101 of 43354: free of id 32",
      "request           free(0:0:832)",
      "block_push        0:0:832         ref_count 15 -> 14,", "ref_count      15 -> 14",
      "freeblock    888 -> 832", "nextoffset         944", "free chain: 832 -> 888" } do
      assert.truthy(screen:gsub("→", "->"):find(text, 1, true), text)
    end
  end)

  it("finds events by a part of their name or by class, and ids; names what is missing", function()
    step(STARTUP)
    wait_for("before the first")
    keys("e", "keep", "Enter")
    wait_for("no arena_keep_last after this request")
    keys("e", "'pool_full 3'", "Enter")
    wait_for("full: class 3")
    for _, class in ipairs { "64", "99", "99999999999999999999" } do
      keys("e", "'pool_full " .. class .. "'", "Enter")
      wait_for("a size class must be a number from 0 to 63")
      keys("h", "h")
      wait_for("q quit")
    end
    keys("e", "realloc", "Enter")
    wait_for("raw_realloc, realloc_in_place, realloc_move?")
    keys("e", "nonsense", "Enter")
    wait_for("no event is called 'nonsense': ? lists them")
    keys("Home", "/", "32", "Enter")
    wait_for("of id 32")
    keys("/", "999999999", "Enter")
    wait_for("no request of id 999999999 after this one")
    keys("/", "x", "Enter")
    wait_for("an id must be a number")
    keys("g", "43355", "Enter")
    wait_for("a request must be a number from 0 to 43354")
    keys("End", "n")
    wait_for("this is the end of the trace")
    keys("Home", "p")
    wait_for("this is the beginning of the trace")
    keys("e", "abc", "C-c")
    wait_for("q quit")
    keys("q")
    assert_left(0)
  end)

  it("scrolls a picture that is too high, and shows the heap and its help", function()
    step(STARTUP .. " --at 1")
    wait_for("lines 1 to 23 of 46: j/k scroll")
    keys("j", "j", "j")
    wait_for("lines 24 to 46 of 46")
    keys("k")
    wait_for("lines 12 to 34 of 46")
    keys("h")
    wait_for("usable_arenas: arena 0")
    keys("'?'")
    wait_for("type its name, or a")
    keys("NPage", "NPage", "NPage")
    wait_for("another group of nfp2lasta")
    keys("'?'", "n")
    wait_for("request 2 of 43354")
  end)

  it("follows the size of the terminal, and asks for more if that is too small", function()
    step(STARTUP .. " --at 40299")
    wait_for("request 40299")
    for _, size in ipairs { { 100, 40 }, { 60, 10 }, { 80, 24 } } do
      tmux(("resize-window -t step -x %d -y %d"):format(table.unpack(size)))
      local screen = wait_for("request 40299 of 43354", "q quit") .. "\n"
      assert.is_true(select(2, screen:gsub("\n", "")) <= size[2] + 1)
    end
    tmux("resize-window -t step -x 30 -y 5")
    wait_for("are needed")
    tmux("resize-window -t step -x 80 -y 24")
    wait_for("request 40299 of 43354")
    keys("C-c")
    assert_left(0)
  end)

  it("stops before a request that cannot be run, and shows the reason", function()
    local command = require "spec.support.command"
    local bad <close> = command.file("a 1 8\na 2 600\na 1 8\n")
    step(bad.path)
    wait_for("before the first of 3")
    keys("n", "n", "n")
    wait_for("request 3: id 1 is live already", "request 2 of 3: malloc of id 2, 600 bytes",
      "raw_alloc")
    keys("q")
    assert_left(0)
  end)

  it("shows who asked and the marks, goes to marks, and lists pins", function()
    local command = require "spec.support.command"
    local file <close> = command.file("w 1 0 app.py:3 main\nw 2 1 app.py:9 load list\na 1 8 @2\n"
      .. "m load\na 2 8 @1\nm run\na 3 8 @1\ni 1\na 4 8\n")
    step(file.path)
    wait_for("1 request of other interpreters left out (--interpreter)")
    keys("n")
    wait_for("request 1 of 3", "  mark: load", "  asked by app.py:9 load list",
      "      from app.py:3 main")
    keys("m", "Enter")
    wait_for("request 2 of 3", "  mark: run")
    keys("m", "Enter")
    wait_for("no mark after this request")
    keys("M", "load", "Enter")
    wait_for("request 1 of 3")
    keys("m", "lo", "Enter")
    wait_for("no mark 'lo' after this request")
    keys("End", "w")
    wait_for("arenas  alone  blocks  bytes  who asked",
      "     1      0       2     16  app.py:3 main")
    keys("w")
    wait_for("request 3 of 3")
    keys("q")
    assert_left(0)
  end)

  for signal, code in pairs { KILL = 137, TERM = 143, INT = 130 } do
    it("restores the terminal when it is ended by SIG" .. signal, function()
      -- A helper process restores the terminal after the stepper.
      start("script/pymalloc step " .. STARTUP .. "; code=$?; "
        .. "until stty -a | grep -q \" icanon\"; do sleep 0.02; done; echo left:$code")
      wait_for("before the first")
      local shell = tmux("list-panes -F '#{pane_pid}'"):match("%d+")
      local pipe = io.popen("LD_PRELOAD= pgrep -n -P " .. shell) -- pgrep hangs under a sanitizer
      local pid = pipe:read("l")
      pipe:close()
      assert(os.execute(("kill -%s %s"):format(signal, pid)))
      assert_left(code)
    end)
  end

  it("reports a missing terminal, an invalid trace and an invalid option", function()
    local command = require "spec.support.command"
    local _, errors, code = command.run("script/pymalloc step " .. STARTUP .. " </dev/null")
    assert.same({ 1, "pymalloc: step: standard output must be a terminal\n" }, { code, errors })
    _, errors, code = command.run("script/pymalloc step /nonexistent")
    assert.same({ 1, "pymalloc: /nonexistent cannot be opened: No such file or directory\n" },
      { code, errors })
    _, errors, code = command.run("script/pymalloc step --at x " .. STARTUP)
    assert.equal(2, code)
    assert.matches("option '%-%-at' takes a whole number, 0 or more, got 'x'", errors)
  end)
end)
