-- A terminal in raw mode with a screen of its own; left as it was found, also
-- where what used it ends by an error.

local M = {}
M.__index = M

local ENTER, LEAVE = "\27[?1049h\27[?25l", "\27[?25h\27[?1049l"
local names = { A = "up", B = "down", C = "right", D = "left", H = "home", F = "end" }

local function stty(arguments)
  local pipe = io.popen("stty " .. arguments .. " 2>/dev/null </dev/tty")
  local answer = pipe:read("a")
  return pipe:close() and answer:match("^%s*(.-)%s*$") or nil
end

-- A screen, or nil where there is no terminal.
function M.open()
  local saved = stty("-g")
  if not saved or saved == "" then
    return nil
  end
  local tty = io.open("/dev/tty", "rb")
  if not tty then
    return nil
  end
  tty:setvbuf("no")
  stty("-icanon -echo -isig min 0 time 2")
  io.stdout:write(ENTER)
  return setmetatable({ saved = saved, tty = tty }, M)
end

function M:__close()
  io.stdout:write(LEAVE)
  io.stdout:flush()
  stty(self.saved)
  self.tty:close()
end

-- Rows and columns right now.
function M.size()
  local rows, columns = (stty("size") or ""):match("^(%d+) (%d+)$")
  rows, columns = tonumber(rows) or 24, tonumber(columns) or 80
  return rows > 0 and rows or 24, columns > 0 and columns or 80
end

local function escape(self)
  local first, second = self.tty:read(1), self.tty:read(1)
  return first and second and names[second] or "escape"
end

-- The next key, nil where none comes for a while: then the size may be another.
function M:key()
  local byte = self.tty:read(1)
  if not byte then
    self.tty:seek("cur", 0) -- forgets the end of file
    return nil
  end
  return byte == "\27" and escape(self) or byte
end

-- Shows lines, cut to the rows; the last row is the bottom line.
function M.show(lines, bottom, rows)
  local parts = { "\27[H" }
  for row = 1, rows - 1 do
    table.insert(parts, (lines[row] or "") .. "\27[K\r\n")
  end
  table.insert(parts, bottom .. "\27[K")
  io.stdout:write(table.concat(parts))
  io.stdout:flush()
end

-- Asks for a line at the bottom; nil where it was given up.
function M:ask(question, rows)
  local answer = ""
  while true do
    io.stdout:write(("\27[%d;1H%s%s\27[K"):format(rows, question, answer))
    io.stdout:flush()
    local key = self:key()
    if key == "\r" or key == "\n" then
      return answer
    elseif key == "escape" or key == "\3" then
      return nil
    elseif key == "\127" or key == "\8" then
      answer = answer:sub(1, -2)
    elseif key and #key == 1 and key:find("[ -~]") then
      answer = answer .. key
    end
  end
end

return M
