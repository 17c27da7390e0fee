-- The trace of a run as text: its requests with their sites, marks, and lines that let the heap
-- obtain arenas.

local core = require "pymalloc.core"
local marks = require "pymalloc.marks"
local requests = require "pymalloc.page.requests"
local traces = require "pymalloc.trace"

local M = {}

local LINES = 5000 -- in a piece

local Writer = {}
Writer.__index = Writer

-- Adds the line of a site that no line before has defined, after that of the calling frame.
-- Returns its number in the text.
function Writer:site(site)
  local number = self.numbers[site]
  if number then
    return number
  end
  local name, parent = core.run.site(self.run, site)
  parent = parent == 0 and 0 or self:site(parent)
  self.sites = self.sites + 1
  self.numbers[site] = self.sites
  table.insert(self.lines, ("w %d %d %s"):format(self.sites, parent, name))
  return self.sites
end

function Writer:request(number)
  local request = self.run:request(number)
  local site = request.site and " @" .. self:site(request.site) or ""
  table.insert(self.lines, requests.line(request) .. site)
end

-- Adds the marks and the lines on arenas that stand before request `number`.
function Writer:others(number)
  local run = self.run
  local op, operand, letter = core.run.allowance(run, self.allowance)
  while op and op < number do
    table.insert(self.lines, letter .. " " .. operand)
    self.allowance = self.allowance + 1
    op, operand, letter = core.run.allowance(run, self.allowance)
  end
  local mark = self.marks[self.mark]
  while mark and mark.op < number do
    table.insert(self.lines, "m " .. mark.text)
    self.mark = self.mark + 1
    mark = self.marks[self.mark]
  end
end

--- Writes the first `count` requests in pieces. `write` returns false to end it.
function M.stream(run, count, write)
  local writer = setmetatable({ run = run, lines = { traces.HEAD }, numbers = {}, sites = 0,
    allowance = 1, mark = 1, marks = marks.list(run) }, Writer)
  for number = 1, count do
    writer:others(number)
    writer:request(number)
    if #writer.lines > LINES then
      if write(table.concat(writer.lines, "\n") .. "\n") == false then
        return
      end
      writer.lines = {}
    end
  end
  writer:others(count + 1)
  write(table.concat(writer.lines, "\n") .. "\n")
end

return M
