-- The stepper, in a terminal of tmux's.

local SESSION -- a server of tmux's for each test

local function tmux(arguments)
  local pipe = io.popen(("tmux -L %s %s 2>&1"):format(SESSION, arguments))
  local answer = pipe:read("a")
  pipe:close()
  return answer
end

-- Waits until the screen shows a text; returns the screen.
local function wait_for(text)
  local screen
  for _ = 1, 100 do
    screen = tmux("capture-pane -p -t step")
    if screen:find(text, 1, true) then
      return screen
    end
    os.execute("sleep 0.1")
  end
  error("the screen never showed '" .. text .. "' but:\n" .. screen, 2)
end

local function keys(...)
  tmux("send-keys -t step " .. table.concat({ ... }, " "))
end

local has_tmux = os.execute("command -v tmux >/dev/null")

describe("pymalloc step", function()
  if not has_tmux then
    pending("needs tmux")
    return
  end

  before_each(function()
    SESSION = "pymalloc-step-" .. os.time() .. math.random(1000000)
    tmux("new-session -d -s step -x 80 -y 24 sh")
    keys("'cd " .. os.getenv("PWD") .. "'", "Enter")
    keys("'script/pymalloc step traces/cpython-startup.trace.xz; echo left:$?'", "Enter")
    wait_for("before the first of 43354 requests")
  end)

  after_each(function()
    tmux("kill-server")
  end)

  it("steps, goes back, searches and seeks", function()
    keys("n")
    wait_for("request 1 of 43354: malloc of id 1, 56 bytes")
    keys("n")
    wait_for("request 2 of 43354")
    keys("p")
    wait_for("request 1 of 43354")
    keys("e", "pool_full", "Enter")
    wait_for("request 333 of 43354")
    keys("g", "40299", "Enter")
    wait_for("arena_release")
    keys("h")
    wait_for("usable_arenas")
  end)

  it("begins where it is told to", function()
    keys("q")
    wait_for("left:0")
    keys("'script/pymalloc step traces/cpython-startup.trace.xz --at 40298'", "Enter")
    wait_for("request 40298 of 43354")
  end)

  it("fits 80 by 24, follows the size, and gives the terminal back", function()
    keys("e", "pool_unfull", "Enter")
    local screen = wait_for("q quit")
    assert.is_true(select(2, screen:gsub("\n", "")) <= 24)
    tmux("resize-window -t step -x 100 -y 40")
    wait_for("q quit")
    keys("q")
    wait_for("left:0")
    keys("'stty -a'", "Enter")
    screen = wait_for(" icanon")
    assert.truthy(screen:find(" echo ", 1, true))
  end)
end)
