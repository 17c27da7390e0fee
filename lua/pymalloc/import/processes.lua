-- The processes and threads of a log. The addresses of a forked child are independent, so that
-- only the requests of one process are taken: of the first in the log, with its threads.
-- Numbers are text, as they are in the log; in a log without numbers the number is "".
--
-- The number of a new thread is nowhere in a log, and the number of a new process is there only
-- when the fork returns. So the first line with a new number is matched with a call that makes a
-- thread or a process: with the first such call that has returned, or else with the first that
-- has not. If there is no such call, the number is taken for a thread of the program.

local M = {}
M.__index = M

-- No process is known yet.
function M.new(sink)
  return setmetatable({ sink = sink, kinds = {}, makers = {}, unknown = 0, children = 0,
    ended_children = 0 }, M)
end

-- Notes the kind of a number: "own"; "unknown", which is taken for own; or "other".
local function set(self, number, kind)
  self.unknown = self.unknown + (kind == "unknown" and 1 or 0)
    - (self.kinds[number] == "unknown" and 1 or 0)
  self.kinds[number] = kind
  self.sink.core:process(number ~= "" and self.sink.number(number) or nil, kind ~= "other")
end

local function set_child(self, number)
  self.children = self.children + 1
  set(self, number, "other")
end

-- Removes the first call that a function returns true for. Returns the call, or nil.
local function take_maker(self, is_wanted)
  for i, maker in ipairs(self.makers) do
    if is_wanted(maker) then
      return table.remove(self.makers, i)
    end
  end
end

local function meet(self, number)
  local maker = take_maker(self, function(call) return call.has_returned end)
    or table.remove(self.makers, 1)
  if self.first == nil then
    self.first = number
    set(self, number, "own")
  elseif maker and maker.is_fork then
    set_child(self, number)
  else
    set(self, number, maker and maker.kind or "unknown")
  end
end

-- Is it the program's process, or a thread of it?
function M:is_own(number)
  if not self.kinds[number] then
    meet(self, number)
  end
  return self.kinds[number] ~= "other"
end

-- A process begins to make a thread, or has made one.
function M:makes_thread(number, has_returned)
  self:is_own(number)
  table.insert(self.makers, { number = number, kind = self.kinds[number],
    has_returned = has_returned })
end

-- The call that makes a thread returns.
function M:made_thread(number)
  for _, maker in ipairs(self.makers) do
    if maker.number == number and not maker.has_returned and not maker.is_fork then
      maker.has_returned = true
      return
    end
  end
end

-- A process begins to fork.
function M:forks(number)
  self:is_own(number)
  table.insert(self.makers, { number = number, is_fork = true })
end

local function note_child(self, number)
  local kind = self.kinds[number]
  if kind == "unknown" or (kind == nil and self.first ~= nil) then
    set_child(self, number)
  end
end

-- A function that forks returns in a process: "0" in the child, in the parent the number of the
-- child.
function M:forked(number, result)
  if result == "0" then
    if self.kinds[number] ~= "other" then
      take_maker(self, function(maker) return maker.is_fork end)
    end
    note_child(self, number)
    return
  end
  take_maker(self, function(maker) return maker.is_fork and maker.number == number end)
  self:is_own(number)
  if result:find("^[1-9]%d*$") then
    note_child(self, result)
  end
end

-- The process replaces its program: its memory is lost. A number that is not known to belong to
-- the program belongs to a child whose fork is not in the log.
function M:replaced(number)
  if self.first == nil then
    meet(self, number)
  elseif number == self.first then
    self.sink.core:free_all()
  elseif self.kinds[number] ~= "other" then
    set_child(self, number)
  end
end

-- A child of some process has ended.
function M:child_ended()
  self.ended_children = self.ended_children + 1
end

-- How many numbers may be of children whose fork is not in the log.
function M:unclear()
  return self.ended_children > self.children and self.unknown or 0
end

return M
