-- The options of pictures that are saved with --svg.

local M = {}

local SCALE_LEAST, SCALE_MOST, COLUMNS_MOST = 0.1, 20, 256

local function read_scale(given)
  local scale = given:find("^%d*%.?%d*$") and tonumber(given)
  if scale and scale >= SCALE_LEAST and scale <= SCALE_MOST then
    return scale
  end
  return nil, ("option '--scale' takes a number from 0.1 to 20, got '%s'"):format(given)
end

local function read_columns(given)
  local columns = given:find("^%d+$") and math.tointeger(tonumber(given))
  if columns and columns >= 1 and columns <= COLUMNS_MOST then
    return columns
  end
  return nil, ("option '--columns' takes a whole number from 1 to 256, got '%s'"):format(given)
end

local function read_place(given)
  if given:find("^%d+$") or given:find("^%d+:%d+$") or given:find("^%d+:%d+:%d+$") then
    return given
  end
  return nil, ("option '--highlight' takes a place such as 0, 0:4096 or 0:4096:48, got '%s'")
    :format(given)
end

--- Defines the options of any picture; with `of_pools`, also those of pictures with pools.
function M.define(command, of_pools)
  command:option("--theme", "With --svg: the colours. Default: auto, which follows the setting of "
    .. "the reader.")
    :argname("NAME"):choices({ "light", "dark", "auto" })
  command:option("--scale", "With --svg: the factor of the size in which the picture is shown, "
    .. "from 0.1 to 20. Default: 1.")
    :argname("FACTOR"):convert(read_scale)
  command:option("--title", "With --svg: the title."):argname("TEXT")
  if of_pools then
    command:option("--columns", "With --svg: the number of pools in a row, from 1 to 256.")
      :argname("N"):convert(read_columns)
    command:option("--highlight", "With --svg: frame this arena, pool or block, such as 0, 0:4096 "
      .. "or 0:4096:48. It can be given several times.")
      :argname("PLACE"):count("*"):convert(read_place)
  end
end

--- The fault of these options as a message; nil if there is none.
function M.misuse(arguments)
  for _, name in ipairs { "theme", "scale", "title", "columns", "highlight" } do
    local given = arguments[name]
    local is_given = given ~= nil and (type(given) ~= "table" or #given > 0)
    if is_given and not arguments.svg then
      return ("--%s is an option of the picture that --svg saves"):format(name)
    end
  end
end

--- The options for pymalloc.view.svg and the plots.
function M.read(arguments)
  local marked = arguments.highlight
  return { theme = arguments.theme, scale = arguments.scale, title = arguments.title,
    columns = arguments.columns, highlight = marked and #marked > 0 and marked or nil }
end

return M
