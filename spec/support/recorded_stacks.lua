-- Reads the requests of a trace with the call stacks that made them.

local M = {}

-- Calls a function with the size of each request of the trace, its call stack (an array of
-- frames, innermost first) and the number of its interpreter. The size is that of one element.
local function each(path, visit)
  local parent_of, text_of, interpreter = {}, {}, 0
  local function stack_of(site)
    local stack = {}
    while site and site ~= 0 do
      table.insert(stack, text_of[site])
      site = parent_of[site]
    end
    return stack
  end
  for line in io.lines(path) do
    local letter, rest = line:match("^(%l) (.*)$")
    if letter == "w" then
      local site, parent, text = rest:match("^(%d+) (%d+) (.*)$")
      parent_of[tonumber(site)], text_of[tonumber(site)] = tonumber(parent), text
    elseif letter == "i" then
      interpreter = tonumber(rest)
    elseif letter and letter ~= "f" and letter ~= "m" then
      local request, site = rest:match("^([%d ]*) @(%d+)$")
      visit(tonumber((request or rest):match("%d+$")), stack_of, tonumber(site), interpreter)
    end
  end
end

--- The call stacks of the requests whose size is in `sizes`, by size: arrays of frames,
-- innermost first. Each such size must be requested once.
function M.by_size(path, sizes)
  local stacks, wanted = {}, {}
  for _, size in ipairs(sizes) do
    wanted[size] = true
  end
  each(path, function(size, stack_of, site)
    if wanted[size] then
      assert(not stacks[size], "requested twice: " .. size)
      stacks[size] = stack_of(site)
    end
  end)
  return stacks
end

--- The number of requests, and of those with a call stack.
function M.count(path)
  local all, with_stack = 0, 0
  each(path, function(_, _, site)
    all = all + 1
    with_stack = with_stack + (site and 1 or 0)
  end)
  return all, with_stack
end

return M
