-- Cells of tables and bars for the text of an analysis.

local text = require "pymalloc.text"

local M = {}

local group = text.group

-- "(3 of no live block)", or nothing for 0.
function M.remark(count, words)
  return count > 0 and ("(%s %s)"):format(group(count), words) or ""
end

function M.bytes(count)
  return ("(%s)"):format(text.count(group(count), "byte"))
end

-- 1024 -> "2^10"; the powers of two below that are written out.
function M.power(number)
  if number < 1024 then
    return tostring(number)
  end
  local exponent = 0
  while 1 << exponent < number do
    exponent = exponent + 1
  end
  return "2^" .. exponent
end

-- 16, 31 -> "16-31"; 1024, 2047 -> "2^10-2^11"; 5, 5 -> "5"
function M.range(from, to)
  if from == to then
    return tostring(from)
  elseif from < 1024 then
    return ("%d-%d"):format(from, to)
  end
  return M.power(from) .. "-" .. M.power(to + 1)
end

-- A bar of up to that many characters; for a value above 0 it has at least one.
function M.bar(part, whole, columns)
  local length = math.ceil(columns * part / whole)
  return ("#"):rep(length)
end

function M.quantiles(title, quantiles)
  return ("%s: half at most %s, 90 %% %s, 99 %% %s, all %s."):format(title,
    group(quantiles.p50), group(quantiles.p90), group(quantiles.p99), group(quantiles.p100))
end

-- The text, cut to that many columns.
function M.cut(content, columns)
  if text.columns(content) <= columns then
    return content
  end
  return content:sub(1, (utf8.offset(content, columns - 2) or columns - 2) - 1) .. "..."
end

function M.add_rest(lines, count, noun, plural)
  if count > 0 then
    table.insert(lines, ("  %s more %s"):format(group(count), count == 1 and noun or plural))
  end
end

-- An order for table.sort: the largest of the first two fields first, then the third.
function M.order(first, second, third)
  return function(one, other)
    for _, name in ipairs { first, second } do
      if one[name] ~= other[name] then
        return one[name] > other[name]
      end
    end
    return one[third] < other[third]
  end
end

return M
