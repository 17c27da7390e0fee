-- The frames of a call stack, innermost first, and the labels by which blocks are grouped.

local M = {}

-- Parts of the names of frames that are a recorder's, not the program's.
local RECORDERS = { "pymalloc/preload", "pymalloc_host", "pymalloc_mark" }

local function is_recorder(frame)
  for _, name in ipairs(RECORDERS) do
    if frame:find(name, 1, true) then
      return true
    end
  end
  return false
end

-- The innermost frame that is the program's.
local function innermost(frames)
  for _, frame in ipairs(frames) do
    if not is_recorder(frame) then
      return frame
    end
  end
  return frames[1]
end

local STEPS = { ["<"] = 1, ["("] = 1, ["["] = 1, [">"] = -1, [")"] = -1, ["]"] = -1 }

-- The name at the beginning of a text: it ends at the first blank outside brackets.
local function name_in(text)
  local depth = 0
  for at, sign in text:gmatch("()(.)") do
    depth = depth + (STEPS[sign] or 0)
    if sign == " " and depth <= 0 then
      return text:sub(1, at - 1)
    end
  end
  return text
end

-- The parts of a frame "app.py:12 load list" or "libc.so.6+0x9c3a2 qsort": file, place in
-- it, name. nil for a frame of another form.
local function parts_of(frame)
  for _, place in ipairs { ":%d+", "%+0x%x+" } do
    local file, where, rest = frame:match("^(.-)(" .. place .. ") (.+)")
    if file then
      return file, where, name_in(rest)
    end
  end
end

-- The label of a frame by the name of a grouping. A frame of another form is its own label.
local labels = {}

function labels.site(frame)
  return frame
end

function labels.line(frame)
  local file, where, name = parts_of(frame)
  return file and file .. where .. " " .. name or frame
end

labels["function"] = function(frame)
  local file, _, name = parts_of(frame)
  return file and file .. " " .. name or frame
end

function labels.file(frame)
  return parts_of(frame) or frame
end

--- The names of the groupings.
M.groupings = { "site", "stack", "line", "function", "file" }

--- The label of blocks without frames.
M.NO_SITE = "(no site)"

--- Is it the name of a grouping?
function M.is_grouping(by)
  return by == "stack" or labels[by] ~= nil
end

--- The label of frames by a grouping; nil for no frames.
function M.label(frames, by)
  if not frames then
    return M.NO_SITE
  elseif by == "stack" then
    return table.concat(frames, "\n")
  end
  return labels[by](innermost(frames))
end

return M
