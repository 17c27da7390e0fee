-- Lines of a trace that are wrong because the definition of a site was lost.
--
-- Sites are numbered 1, 2, 3 in the order of their lines "w SITE PARENT TEXT". If such a line
-- is lost, the numbers of those after it still hold: the missing sites are defined as
-- "(lost line)". A request whose site is not defined is kept without it.

local core = require "pymalloc.core"

local M = {}
M.__index = M

local LOST_MOST = 1 << 20 -- sites that are defined as lost in one trace
local LOST_LINE = "w %d 0 (lost line)\n"

function M.new()
  return setmetatable({ lost = 0, wrong = 0, unsited = 0 }, M)
end

local function is_valid(line, sites)
  local _, _, problem = core.trace.scan(line .. "\n", "line", 0, sites)
  return problem == nil
end

-- The number of the site that a line defines; nil if it defines none.
local function defined_by(line)
  local number = math.tointeger(tonumber(line:match("^w (%d+) ")))
  if number and number > 1 and number < 1 << 32 and is_valid(line, number - 1) then
    return number
  end
end

local function lost_lines(first, last)
  local lines = {}
  for site = first, last do
    lines[#lines + 1] = LOST_LINE:format(site)
  end
  return table.concat(lines)
end

-- The lines that go before a definition, so that it is valid after `sites` sites, and true if
-- one of them was left out before; nil if the definition is taken for wrong. A number is
-- taken for right if no more definitions are missing than lines were wrong since the last one, or
-- if it is the successor of one that was taken for wrong.
function M:before(line, site, sites)
  local missing = site - sites - 1
  local waiting = self.waiting
  self.waiting = { site = site, line = line }
  if missing < 1 or self.lost + missing > LOST_MOST then
    return nil
  elseif waiting and waiting.site == site - 1 then
    self.lost = self.lost + missing - 1
    return lost_lines(sites + 1, site - 2) .. waiting.line .. "\n", true
  elseif missing <= self.wrong then
    self.lost = self.lost + missing
    return lost_lines(sites + 1, site - 1)
  end
end

--- Notes that a number of sites were defined by lines that are right.
function M:defined(count)
  if count > 0 then
    self.wrong, self.waiting = 0, nil
  end
end

--- Mends a wrong line, after which `sites` sites are defined. For a definition, returns a text
-- to write before it, the number of sites that are then defined, and true if that text has a
-- line that was left out before; the line is then valid. For a request, returns a text to write
-- in its place. nil if the line is left out.
function M:mend(line, sites)
  local site = defined_by(line)
  if site then
    local before, regained = self:before(line, site, sites)
    if before then
      self:defined(1)
      return before, site - 1, regained
    end
  end
  local request = line:match("^([acr] .-) @%d+%s*$")
  if request and is_valid(request, sites) then
    self.unsited = self.unsited + 1
    return request
  end
  self.wrong = self.wrong + 1
end

return M
