-- The format of glibc's mtrace: "@ CALLER + ADDRESS SIZE", "@ CALLER - ADDRESS",
-- and two lines for a realloc: "@ CALLER < OLD", "@ CALLER > NEW SIZE". A line
-- with "!" is a realloc that was refused, and "+ (nil) SIZE" another request.

local M = { ends_lines = true }

local TAIL_BYTES = 80 -- at the end of a line: a sign, an address and a size are shorter

M.templates = { "malloc|@ %* + %a %s", "free|@ %* - %a", "realloc_old|@ %* < %a",
  "realloc_new|@ %* > %a %s", "skip|= Start", "skip|= End" }

-- The sign, the address and the size of a line; nil for any other line. The size is "" for
-- the signs "-" and "<".
local function split(line)
  if line:sub(1, 1) ~= "@" then
    return nil
  end
  local tail = line:sub(-TAIL_BYTES)
  local sign, address, size = tail:match("[ @]([-+<>!])%s+(0x%x+)%s*(%w*)$")
  if not sign then
    sign, address, size = tail:match("[ @]([-+<>!])%s+(%(nil%))%s*(%w*)$")
  end
  local has_size = sign == "+" or sign == ">" or sign == "!"
  if sign and has_size == (size ~= "") then
    return sign, address, size
  end
end

function M.fits(lines)
  for _, line in ipairs(lines) do
    if line:find("^= Start") or split(line) then
      return true
    end
  end
  return false
end

-- One line of a realloc. The other line may be missing.
local function half(sink, verb, address, size)
  if not sink.is_null(address)
    and not sink.core:put(verb, sink.number(address), size and sink.number(size)) then
    sink.cut = sink.cut + 1
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
    half(sink, "realloc_old", address)
  elseif sign == ">" then
    half(sink, "realloc_new", address, size)
  end
  return true
end

return M
