-- The format of glibc's mtrace: "@ CALLER + ADDRESS SIZE", "@ CALLER - ADDRESS",
-- and two lines for a realloc: "@ CALLER < OLD", "@ CALLER > NEW SIZE". A line
-- with "!" is a request that was refused.

local M = { ends_lines = true }

function M.fits(lines)
  for _, line in ipairs(lines) do
    if line:find("^= Start") or line:find("^@ .* [-+<>] 0x%x+") then
      return true
    end
  end
  return false
end

function M.line(sink, line)
  local sign, address, size = line:match("([-+<>!])%s+(0x%x+)%s*(%w*)%s*$")
  if line:find("^=%s") then
    return true
  elseif not sign or ((sign == "+" or sign == ">") == (size == "")) then
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
