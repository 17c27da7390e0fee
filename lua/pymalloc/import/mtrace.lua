-- The format of glibc's mtrace: "@ CALLER + ADDRESS SIZE", "@ CALLER - ADDRESS",
-- and two lines for a realloc: "@ CALLER < OLD", "@ CALLER > NEW SIZE". A line
-- with "!" is a realloc that was refused, and "+ (nil) SIZE" another request.

local M = { ends_lines = true }

M.templates = { "malloc|@ %* + %a %s", "free|@ %* - %a", "skip|= Start", "skip|= End" }

function M.fits(lines)
  for _, line in ipairs(lines) do
    if line:find("^= Start") or line:find("^@ .* [-+<>] 0x%x+")
      or line:find("^@ .* %+ %(nil%)") then
      return true
    end
  end
  return false
end

-- The sign, the address and the size of a line; nil for any other line. The size is "" for
-- the signs "-" and "<".
local function split(line)
  local sign, address, size = line:match("([-+<>!])%s+(0x%x+)%s*(%w*)%s*$")
  if not sign then
    sign, address, size = line:match("([-+<>!])%s+(%(nil%))%s*(%w*)%s*$")
  end
  local has_size = sign == "+" or sign == ">" or sign == "!"
  if sign and has_size == (size ~= "") then
    return sign, address, size
  end
end

function M.line(sink, line)
  if line:find("^=%s") then
    return true
  end
  local sign, address, size = split(line)
  if not sign then
    return false
  elseif sign == "+" then
    sink:malloc(address, size)
  elseif sign == "-" then
    sink:free(address)
  elseif sign == "<" then
    sink.moving = address
  elseif sign == ">" then
    sink:realloc(sink.moving, address, size)
    sink.moving = nil
  end
  return true
end

return M
