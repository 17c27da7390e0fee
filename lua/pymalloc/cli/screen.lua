-- A terminal in raw mode, with its alternate screen. A helper process waits for
-- the end of this one, also by a signal, and then restores the terminal.

local terminal = require "pymalloc.cli.terminal"

local M = {}
M.__index = M

local ENTER = "\27[?1049h\27[?25l"
local HELPER = "trap '' INT TERM HUP QUIT TTOU; cat >/dev/null; "
  .. "printf '\\033[?25h\\033[?1049l'; stty %s </dev/tty"
local RAW = "-icanon -echo -isig min 0 time 3"

local letters = { A = "up", B = "down", C = "right", D = "left", H = "home", F = "end" }
local codes = { ["1"] = "home", ["4"] = "end", ["5"] = "page up", ["6"] = "page down",
  ["7"] = "home", ["8"] = "end" }

local function stty(arguments)
  local pipe = io.popen("stty " .. arguments .. " 2>/dev/null </dev/tty")
  local answer = pipe:read("a")
  return pipe:close() and answer:match("^%s*(.-)%s*$") or nil
end

-- A screen; nil if standard output is not a terminal.
function M.open()
  local saved = terminal.is_terminal(io.stdout) and stty("-g")
  local tty = saved and saved ~= "" and io.open("/dev/tty", "rb")
  if not tty then
    return nil
  end
  tty:setvbuf("no")
  io.stdout:flush()
  local helper = io.popen(HELPER:format(saved), "w")
  stty(RAW)
  io.stdout:write(ENTER)
  return setmetatable({ helper = helper, tty = tty }, M)
end

function M:__close()
  io.stdout:flush()
  self.helper:close()
  self.tty:close()
end

-- The rows and columns that the terminal has now; nil if it is gone.
function M.size()
  local columns, rows = terminal.window(io.stdout)
  return rows, columns
end

-- The key of an escape sequence: "[A" and "OA" are an arrow, "[5~" is page up.
local function escape(self)
  local first = self.tty:read(1)
  if first ~= "[" and first ~= "O" then
    return "escape"
  end
  local digits, last = "", self.tty:read(1)
  while last and last:find("[%d;]") do
    digits, last = digits .. last, self.tty:read(1)
  end
  return last == "~" and codes[digits] or letters[last] or "unknown"
end

-- The next key. nil if none was pressed for 0.3 seconds, so that the caller can
-- look whether the size has changed.
function M:key()
  local byte = self.tty:read(1)
  return byte == "\27" and escape(self) or byte
end

-- Shows the lines that fit above the bottom line, which is in the last row.
function M.show(lines, bottom, rows)
  local parts = { "\27[H" }
  for row = 1, rows - 1 do
    table.insert(parts, (lines[row] or "") .. "\27[K\r\n")
  end
  table.insert(parts, bottom .. "\27[K")
  io.stdout:write(table.concat(parts))
  io.stdout:flush()
end

local ends = { ["\r"] = "given", ["\n"] = "given", escape = "given up", ["\3"] = "given up" }

-- The answer after a key was pressed.
local function edit(answer, key)
  if key == "\127" or key == "\8" then
    return answer:sub(1, -2)
  elseif key == "\21" then -- Ctrl-U
    return ""
  elseif key and #key == 1 and key:find("[ -~]") then
    return answer .. key
  end
  return answer
end

-- Asks for a line in the last row. nil if the user gives up with Escape or Ctrl-C.
function M:ask(question, rows)
  local answer = ""
  local how
  repeat
    io.stdout:write(("\27[%d;1H%s%s\27[K\27[?25h"):format(rows, question, answer))
    io.stdout:flush()
    local key = self:key()
    answer = edit(answer, key)
    how = ends[key] or not key and not M.size() and "given up"
  until how
  io.stdout:write("\27[?25l")
  return how == "given" and answer or nil
end

return M
