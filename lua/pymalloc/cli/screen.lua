-- A terminal in raw mode with a screen of its own. A helper process waits for
-- the end of ours, whatever it be, and leaves the terminal as it was found.

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

-- A screen, or nil where there is no terminal to show it.
function M.open()
  local saved = os.execute("test -t 1") and stty("-g")
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

-- Rows and columns right now; nil where the terminal is gone.
function M.size()
  local rows, columns = (stty("size") or ""):match("^(%d+) (%d+)$")
  rows, columns = tonumber(rows), tonumber(columns)
  if rows == 0 or columns == 0 then
    return 24, 80
  end
  return rows, columns
end

-- What stands behind an escape: "[A" and "OA" for an arrow, "[5~" for a page.
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

-- The next key, nil where none comes for a while: then the size may be another.
function M:key()
  local byte = self.tty:read(1)
  return byte == "\27" and escape(self) or byte
end

-- Shows as many lines as there are rows for; the last row is the bottom line.
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

-- The answer after a key.
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

-- Asks for a line at the bottom; nil where it was given up.
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
