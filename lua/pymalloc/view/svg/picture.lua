-- A picture that grows downwards: a drawing, the height that is filled, and what its title and
-- description say to readers who do not see it.

local drawings = require "pymalloc.plot.drawing"

local M = {}
local Picture = {}
Picture.__index = Picture

M.MARGIN = 16
local BOLD = 1.12 -- how much wider bold text is
local TITLE_SIZE, TEXT_SIZE, LINE = 18, 13, 18
local SAMPLE, SAMPLE_GAP, ENTRY_GAP = 16, 6, 20

--- An empty picture. `look` has the width, scale, theme and title that were checked.
function M.new(look)
  local drawing = drawings.new { width = look.width, height = 0, scale = look.scale,
    theme = look.theme }
  return setmetatable({ drawing = drawing, wished_title = look.title, y = M.MARGIN, left = M.MARGIN,
    right = look.width - M.MARGIN, width = look.width - 2 * M.MARGIN, said = {} }, Picture)
end

--- Adds the title: the one that the options give, or this one.
function Picture:heading(title)
  self.title = self.wished_title ~= "" and self.wished_title or title
  for _, line in ipairs(drawings.wrap(self.title, self.width / BOLD, TITLE_SIZE)) do
    self.y = self.y + LINE + 5
    self.drawing:text(self.left, self.y - 6, line, { size = TITLE_SIZE, bold = true })
  end
  if self.title ~= title then
    self:text(title)
  end
  self.y = self.y + 6
end

--- Adds lines of text. Options are role, bold, and is_said: the description has the text, too.
function Picture:text(shown, options)
  options = options or {}
  for _, line in ipairs(drawings.wrap(shown, options.bold and self.width / BOLD or self.width,
    TEXT_SIZE)) do
    self.y = self.y + LINE
    self.drawing:text(self.left, self.y - 4, line,
      { size = TEXT_SIZE, role = options.role, bold = options.bold })
  end
  if options.is_said then
    self:say(shown)
  end
end

--- Adds a sentence in grey, which the description has, too.
function Picture:note(sentence)
  self:text(sentence, { role = "faint", is_said = true })
end

--- Adds a sentence to the description.
function Picture:say(sentence)
  table.insert(self.said, sentence)
end

function Picture:gap(height)
  self.y = self.y + (height or LINE // 2)
end

--- Adds samples with their meanings: pairs of a function that draws a sample at x, y, width,
-- height, and a text.
function Picture:legend(entries)
  self:gap()
  local x = self.left
  for _, entry in ipairs(entries) do
    local need = SAMPLE + SAMPLE_GAP + drawings.text_width(entry[2], TEXT_SIZE)
    if x > self.left and x + need > self.right then
      x, self.y = self.left, self.y + SAMPLE + 8
    end
    entry[1](x, self.y, SAMPLE, SAMPLE)
    self.drawing:text(x + SAMPLE + SAMPLE_GAP, self.y + SAMPLE - 3, entry[2], { size = TEXT_SIZE })
    x = x + need + ENTRY_GAP
  end
  self.y = self.y + SAMPLE
  self:gap()
end

--- The first text that fits a width, in a size; nil if none does.
function M.first_fitting(texts, width, size)
  for _, candidate in ipairs(texts) do
    if drawings.text_width(candidate, size) <= width then
      return candidate
    end
  end
end

-- The head of an arrow that ends at x, y, in the direction dx, dy.
local function draw_head(drawing, x, y, dx, dy, role)
  local length = math.sqrt(dx * dx + dy * dy)
  if length == 0 then
    return
  end
  dx, dy = dx / length, dy / length
  local back_x, back_y = x - 8 * dx, y - 8 * dy
  drawing:path({ ("M%.1f %.1fL%.1f %.1fL%.1f %.1fz"):format(x, y, back_x - 4 * dy, back_y + 4 * dx,
    back_x + 4 * dy, back_y - 4 * dx) }, { fill = role })
end

--- An arrow along a curve from x1, y1 to x2, y2, which two more points control.
function Picture:arrow(x1, y1, x2, y2, points, role)
  local a, b, c, d = table.unpack(points)
  self.drawing:path({ ("M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f"):format(x1, y1, a, b, c, d, x2,
    y2) }, { stroke = role, width = 1.6 })
  draw_head(self.drawing, x2, y2, x2 - c, y2 - d, role)
end

--- An arrow along straight lines through these corners, pairs of x and y.
function Picture:polyline(corners, role)
  local commands = {}
  for i, corner in ipairs(corners) do
    commands[i] = ("%s%.1f %.1f"):format(i == 1 and "M" or "L", corner[1], corner[2])
  end
  self.drawing:path(commands, { stroke = role, width = 1.6 })
  local last, before = corners[#corners], corners[#corners - 1]
  draw_head(self.drawing, last[1], last[2], last[1] - before[1], last[2] - before[2], role)
end

--- The SVG.
function Picture:svg()
  self.drawing.height = math.ceil(self.y + M.MARGIN)
  return self.drawing:svg(self.title, table.concat(self.said, " "))
end

return M
