-- Removes the comments and the indentation of Lua code. Its lines keep their numbers.

local M = {}

-- The position behind a long bracket that begins at `at`; nil if none begins there.
local function behind_long(text, at)
  local equals = text:match("^%[(=*)%[", at)
  if not equals then
    return nil
  end
  local _, last = text:find("]" .. equals .. "]", at, true)
  return assert(last, "a long bracket does not end") + 1
end

-- The position behind the short string that begins at `at`.
local function behind_string(text, at)
  local quote = text:sub(at, at)
  local next_at = at + 1
  while true do
    local sign
    next_at, sign = text:match("()([\\" .. quote .. "\n])", next_at)
    assert(sign and sign ~= "\n", "a string does not end")
    if sign == quote then
      return next_at + 1
    end
    -- A backslash and the sign behind it, which may be a quote or a newline; or \z, which skips
    -- whitespace with newlines in it.
    next_at = text:sub(next_at + 1, next_at + 1) == "z" and text:match("^%s*()", next_at + 2)
      or next_at + 2
  end
end

-- The newlines of a comment, or a space between the tokens beside it.
local function comment_text(comment)
  local newlines = comment:gsub("[^\n]", "")
  return newlines ~= "" and newlines or " "
end

-- The text that stands for the comment at `at`, and the position behind it.
local function without_comment(text, at)
  local behind = behind_long(text, at + 2)
  if behind then
    return comment_text(text:sub(at, behind - 1)), behind
  end
  return "", text:find("\n", at, true) or #text + 1
end

-- The next token or run of other signs: its text, and the position behind it.
local function next_piece(text, at)
  if text:find("^%-%-", at) then
    return without_comment(text, at)
  end
  local behind = behind_long(text, at)
  if not behind and text:find("^[\"']", at) then
    behind = behind_string(text, at)
  end
  if behind then
    return text:sub(at, behind - 1), behind
  end
  local spaces, after = text:match("^([ \t]*\n[ \t]*)()", at)
  if spaces then
    return "\n", after
  end
  return text:match("^([%w_ ]+)()", at) or text:sub(at, at), text:match("^[%w_ ]+()", at) or at + 1
end

--- The code without comments. An error if it is not Lua. Compiled, both give the same functions.
function M.strip(text)
  local pieces, at = {}, text:match("^#[^\n]*()") or 1
  at = text:match("^[ \t]*()", at)
  while at <= #text do
    local piece
    piece, at = next_piece(text, at)
    if piece == "\n" or piece == "" then -- no spaces at the end of a line; no string ends with one
      pieces[#pieces] = pieces[#pieces] and pieces[#pieces]:gsub("[ \t]+$", "")
    end
    table.insert(pieces, piece)
  end
  return (table.concat(pieces):gsub("\n+$", "\n"))
end

return M
