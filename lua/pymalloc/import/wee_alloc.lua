-- The format of wee_alloc's traces: "Alloc(24)," and "Free(0),". The number of a free counts
-- the allocations, from 0.

local M = {
  templates = { "next_malloc|Alloc(%s),", "id_free|Free(%i),", "next_malloc|Alloc(%s)",
    "id_free|Free(%i)" },
}

local function split(line)
  return line:match("^%s*(%a+)%((%d+)%),?$")
end

function M.fits(lines)
  local name = split(lines[1] or "")
  return name == "Alloc" or name == "Free"
end

function M.line(sink, line)
  local name, digits = split(line)
  if name == "Alloc" then
    sink.core:put("next_malloc", 0, sink.number(digits))
    return true
  elseif name ~= "Free" then
    return false
  elseif not sink.core:put("id_free", sink.number(digits)) then
    return false, ("allocation %s is not live"):format(digits)
  end
  return true
end

return M
