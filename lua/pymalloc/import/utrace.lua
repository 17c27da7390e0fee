-- The format of FreeBSD's kdump for jemalloc's option utrace:
-- "  1234 ls       USER  0x800e1b060 = malloc(1024)".

local M = {}

M.templates = {
  "malloc|%_%p %*USER %a = malloc(%s)", "free|%_%p %*USER free(%a)",
  "realloc|%_%p %*USER %a = realloc(%o, %s)",
}

M.words = { "USER" }

-- The process and the text behind USER; nil for a line of another kind.
local function split(line)
  return line:match("^%s*(%d+)%s+.-%f[%w]USER%s+(.*)$")
end

function M.fits(lines)
  for _, line in ipairs(lines) do
    local _, call = split(line)
    if call and (call:find("= malloc%(") or call:find("^free%(") or call:find("malloc_init%(")) then
      return true
    end
  end
  return false
end

-- The first process is the one whose requests are taken.
local function is_other(sink, process)
  sink.first = sink.first or process
  sink.core:process(sink.number(process), process == sink.first)
  return process ~= sink.first
end

function M.line(sink, line)
  local process, call = split(line)
  if not call or call:find("malloc_init") then
    return true
  elseif is_other(sink, process) then
    sink:other()
    return true
  end
  local freed = call:match("^free%((%w+)%)$")
  local result, size = call:match("^(%w+) = malloc%((%d+)%)$")
  local moved, old, new_size = call:match("^(%w+) = realloc%((%w+), (%d+)%)$")
  if freed then
    sink:free(freed)
  elseif result then
    sink:malloc(result, size)
  elseif moved then
    sink:realloc(old, moved, new_size)
  end
  return freed or result or moved or not call:find("%f[%w]malloc%(") and not call:find("alloc%(")
end

return M
