-- Traces in the library's own format. They need no conversion, but are checked.

local core = require "pymalloc.core"
local own_sites = require "pymalloc.import.own_sites"

local M = {}

local LINE_MOST = 1 << 20 -- bytes of a line, which is then a comment

-- Is the first line that is not a comment an operation, or does a comment before it
-- name the format?
function M.fits(lines)
  for _, line in ipairs(lines) do
    if line:find("^# pymalloc trace") then
      return true
    elseif not line:find("^%s*#") then
      local _, _, problem = core.trace.scan(line, "line")
      return problem == nil
    end
  end
  return false
end

local Reader = {}
Reader.__index = Reader

-- Where to go on behind a wrong line that begins at an offset. Its end is read again as an
-- empty line, so that the numbers of the lines after it stay the same.
local function behind(text, offset)
  local last = text:find("\n", offset + 1, true)
  return last and last - 1 or #text
end

-- Mends a wrong line that begins at an offset, where wrong lines are left out. Returns a text to
-- write, or nil, and the offset at which reading goes on.
function Reader:mend(text, offset, problem)
  local next_offset = behind(text, offset)
  if not self.wrong.is_lenient then
    return nil
  end
  local mended, sites, regained = self.lost:mend(text:sub(offset + 1, next_offset), self.sites)
  if not mended then
    return nil, next_offset
  elseif sites then
    self.sites, self.wrong.count = sites, self.wrong.count - (regained and 1 or 0)
    return mended, offset
  end
  self.requests = self.requests + 1
  self.wrong:tell(problem)
  return mended, next_offset
end

-- Reads whole lines, and passes on those that are valid. Returns a message if reading ends
-- with a wrong one, and false if the output fails.
function Reader:lines(text, write)
  local from = 0
  while true do
    local requests, offset, problem, line, sites = core.trace.scan(text, self.where, self.line,
      self.sites, from)
    self.lost:defined(sites - self.sites)
    self.requests, self.line, self.sites = self.requests + requests, line, sites
    local mended, next_offset
    if problem then
      mended, next_offset = self:mend(text, offset, problem)
    end
    local is_end = problem and not mended and self.wrong:add(problem)
    if is_end or write(text:sub(from + 1, offset) .. (mended or "")) == false then
      return is_end or false
    elseif not problem then
      return nil
    end
    self.line, from = line - 1, next_offset
  end
end

-- Reads a piece behind the rest of the piece before. Returns the new rest, and the results of
-- Reader:lines.
function Reader:piece(rest, piece, write)
  local text = rest .. piece
  local whole, place = text:match("^(.*\n)()")
  rest = whole and text:sub(place) or text
  if #rest > LINE_MOST then
    return "", ("%s:%d: a line is longer than %d bytes"):format(self.where, self.line + 1,
      LINE_MOST)
  end
  return rest, whole and self:lines(whole, write)
end

function Reader:all(input, write)
  local rest = ""
  for piece in function() return input:piece() end do
    local problem
    rest, problem = self:piece(rest, piece, write)
    if problem ~= nil then
      return problem
    elseif self.progress then
      self.progress(self.line)
    end
  end
  if input.problem then
    return input.problem
  end
  return rest ~= "" and self:lines(rest, write) or nil
end

-- Reads an input. Returns the number of requests, the number of those whose site was lost, and
-- a message if reading has ended with it, or false if the output has failed.
function M.copy(input, where, wrong, progress, write)
  local reader = setmetatable({ where = where, wrong = wrong, progress = progress, line = 0,
    sites = 0, requests = 0, lost = own_sites.new() }, Reader)
  local problem = reader:all(input, write)
  return reader.requests, reader.lost.unsited, problem
end

return M
