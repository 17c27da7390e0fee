-- The frames of a recording as one SVG, which shows them one after the other by rules of CSS. For
-- readers who want no motion, and programs without such rules, it shows the first one.

local drawings = require "pymalloc.plot.drawing"
local text = require "pymalloc.text"

local M = {}

local SIZE, CELL, LINE = 14, 8.43, 18
local MARGIN, BAR = 14, 34 -- the bar has the title and the key
local SECONDS = 2 -- that a frame is shown

-- The roles of the colours of a terminal, by their codes.
local roles = { ["31"] = "series4", ["32"] = "series1", ["33"] = "series2", ["35"] = "series3",
  ["36"] = "series1", ["90"] = "faint" }

-- The pieces of a line that have one colour: column, text, role, is_bold. Neighbours of the same
-- role are one piece.
local function pieces_of(line)
  local pieces, column, code, at = {}, 0, "", 1
  while at <= #line do
    local from, to, digits = line:find("\27%[(%d*)m", at)
    local plain = line:sub(at, (from or #line + 1) - 1)
    local role, last = roles[code] or "text", pieces[#pieces]
    if plain ~= "" and last and last.role == role and last.is_bold == (code == "1") then
      last.text = last.text .. plain
    elseif plain ~= "" then
      table.insert(pieces, { column = column, text = plain, role = role, is_bold = code == "1" })
    end
    column = column + text.columns(plain)
    code, at = digits or code, (to or #line) + 1
  end
  return pieces
end

local function draw_line(drawing, line, y)
  for _, piece in ipairs(pieces_of(line)) do
    local blanks = #piece.text:match("^ *")
    local shown = piece.text:sub(blanks + 1):gsub(" +$", "")
    if shown ~= "" then
      drawing:add('<text x="%s" y="%s" textLength="%s"%s%s>%s</text>',
        drawings.number(MARGIN + (piece.column + blanks) * CELL), drawings.number(y),
        drawings.number(text.columns(shown) * CELL), piece.is_bold and ' font-weight="bold"' or "",
        drawing:paint(piece.role), (drawings.escape(shown):gsub("  ", " \u{a0}")))
    end
  end
end

local function draw_frame(drawing, frame, number, screen)
  drawing:add('<g class="pym-frame"%s style="animation-delay:%ds">',
    number > 1 and ' visibility="hidden"' or "", (number - 1) * SECONDS)
  if frame.key then
    drawing:text(drawing.width - MARGIN, 23, "key: " .. frame.key, { size = 13, anchor = "end",
      role = "series4", bold = true })
  end
  drawing:add('<g font-family="%s" font-size="%d">', drawings.MONO, SIZE)
  for row, line in ipairs(frame.lines) do
    draw_line(drawing, line, BAR + MARGIN + row * LINE - 4)
  end
  draw_line(drawing, "\27[90m" .. frame.bottom, BAR + MARGIN + screen.rows * LINE - 4)
  drawing:add("</g>\n</g>")
end

-- Each frame is visible for its share of the time in which all are shown.
local function add_rules(drawing, count)
  drawing:add("<style>@media (prefers-reduced-motion:no-preference){"
    .. ".pym-frame{animation:pym-show %ds step-end infinite}}"
    .. "@keyframes pym-show{0%%{visibility:visible}%.4g%%{visibility:hidden}"
    .. "100%%{visibility:hidden}}</style>", count * SECONDS, 100 / count)
end

--- The SVG of the frames of a screen. `look` has theme, scale and title, or not.
function M.svg(screen, look, name)
  local drawing = drawings.new { width = math.ceil(2 * MARGIN + screen.columns * CELL),
    height = BAR + 2 * MARGIN + screen.rows * LINE, scale = look.scale or 1,
    theme = look.theme or "auto" }
  local title = look.title or "pymalloc step " .. name
  drawing:rect(0.5, 0.5, drawing.width - 1, drawing.height - 1, nil,
    { stroke = "axis", radius = 8 })
  drawing:line(0, BAR, drawing.width, BAR, "axis")
  drawing:text(MARGIN, 23, drawings.fit(title, drawing.width - 200, 14), { size = 14,
    bold = true })
  local count = #screen.frames
  if count > 1 then
    add_rules(drawing, count)
  end
  for number, frame in ipairs(screen.frames) do
    draw_frame(drawing, frame, number, screen)
  end
  return drawing:svg(title, ("%s of the stepper, %d seconds each. The first: %s"):format(
    text.count(count, "screen"), SECONDS, (screen.frames[1].lines[1]:gsub("\27%[%d*m", ""))))
end

return M
