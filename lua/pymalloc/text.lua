-- Text for people: columns, lines of words, tables, numbers.

local M = {}

-- {=== Columns

-- The columns that a text takes on a terminal: none for a colour, one for any
-- other character.
function M.columns(text)
  local plain = text:gsub("\27%[[%d;]*m", "")
  return utf8.len(plain) or #plain
end

-- The text with blanks behind it, up to that many columns.
function M.pad(text, columns)
  return text .. (" "):rep(columns - M.columns(text))
end

-- The text without bytes that control a terminal or that are not UTF-8: they become "?".
function M.printable(text)
  if not utf8.len(text) then
    text = text:gsub("[\128-\255]", "?")
  end
  return (text:gsub("\194[\128-\159]", "?"):gsub("[%c\127]", "?"))
end

local function words_of(text)
  local words = {}
  for word in text:gmatch("%S+") do
    table.insert(words, word)
  end
  return words
end

-- Words as an array of lines of at most `width` columns. A word is never cut: a
-- word that is too wide has a line of its own.
-- @param words a text, or an array of words
-- @param first the beginning of the first line; by default nothing
-- @param rest the beginning of the other lines; by default as many blanks as `first` has columns
function M.wrap(words, width, first, rest)
  words = type(words) == "string" and words_of(words) or words
  local line = { first or "" }
  local lines, columns = {}, M.columns(line[1])
  rest = rest or (" "):rep(columns)
  for _, word in ipairs(words) do
    local word_columns = M.columns(word)
    local is_begun = #line > 1
    if is_begun and columns + 1 + word_columns > width then
      table.insert(lines, table.concat(line))
      line, columns, is_begun = { rest }, M.columns(rest), false
    end
    table.insert(line, is_begun and " " .. word or word)
    columns = columns + word_columns + (is_begun and 1 or 0)
  end
  table.insert(lines, table.concat(line))
  return lines
end

-- {=== Tables

local function widths_of(rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for column, cell in ipairs(row) do
      widths[column] = math.max(widths[column] or 0, M.columns(tostring(cell)))
    end
  end
  return widths
end

-- Rows of cells as an array of lines, two blanks between columns.
-- @param sides a letter for each column: "l" puts its cells to the left, "r" to
-- the right
function M.table(rows, sides)
  local widths, lines = widths_of(rows), {}
  for i, row in ipairs(rows) do
    local cells = {}
    for column, cell in ipairs(row) do
      local blanks = (" "):rep(widths[column] - M.columns(tostring(cell)))
      local is_left = sides:sub(column, column) == "l"
      cells[column] = is_left and cell .. blanks or blanks .. cell
    end
    lines[i] = table.concat(cells, "  "):gsub(" +$", "")
  end
  return lines
end

-- {=== Numbers

-- 1, "arena" -> "1 arena"; 2, "arena" -> "2 arenas". `plural`: where it is not the
-- noun and an s.
function M.count(number, noun, plural)
  local is_one = tostring(number) == "1"
  return ("%s %s"):format(number, is_one and noun or plural or noun .. "s")
end

-- The digits of the 64 bits of an integer without a sign: -1 -> "18446744073709551615".
-- Ids and sizes of a trace go up to there.
function M.unsigned(number)
  if number >= 0 then
    return ("%d"):format(number)
  end
  local tens = (number >> 1) // 5
  return ("%d%d"):format(tens, number - tens * 10)
end

-- 1234567 -> "1,234,567"
function M.group(number)
  local digits = ("%d"):format(number)
  local grouped = digits:reverse():gsub("(%d%d%d)", "%1,"):reverse()
  return (grouped:gsub("^,", ""))
end

-- 262144 -> "256 KiB"; 48 -> "48 bytes"
function M.size(bytes)
  for _, unit in ipairs { { "GiB", 1 << 30 }, { "MiB", 1 << 20 }, { "KiB", 1 << 10 } } do
    local name, whole = unit[1], unit[2]
    if bytes >= whole and bytes % whole == 0 then
      return ("%d %s"):format(bytes // whole, name)
    end
  end
  return M.count(bytes, "byte")
end

-- A part in per cent of the whole: "98.4 %"; "-" where the whole is 0.
function M.share(part, whole)
  return whole == 0 and "-" or ("%.1f %%"):format(100 * part / whole)
end

return M
