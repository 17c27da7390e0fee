--- Importing traces: those of malloclab, valgrind --trace-malloc=yes, ltrace and
-- glibc's mtrace, recognised by what is in them.

local M = {}

local HEAD = "# pymalloc trace 1\n"
local TOOLS = { gz = "gzip", xz = "xz", zst = "zstd" }
local RECOGNISE_LINES = 200

-- Where the requests of blocks with addresses are gathered.
local Sink = {}
Sink.__index = Sink

local function new_sink()
  return setmetatable({ lines = {}, ids = {}, next_id = 1, requests = 0, unknown_frees = 0 }, Sink)
end

function Sink:put(...)
  self.requests = self.requests + 1
  table.insert(self.lines, table.concat({ ... }, " "))
end

function Sink:new_id(address)
  local id = self.next_id
  self.next_id = id + 1
  self.ids[address] = id
  return id
end

local function is_null(address)
  return address == nil or address == "(nil)" or address == "nil" or tonumber(address) == 0
end

function Sink:malloc(address, size)
  if not is_null(address) then
    self:put("a", self:new_id(address), size)
  end
end

function Sink:calloc(address, count, size)
  if not is_null(address) then
    self:put("c", self:new_id(address), count, size)
  end
end

function Sink:free(address)
  local id = self.ids[address]
  if id then
    self.ids[address] = nil
    self:put("f", id)
  elseif not is_null(address) then
    self.unknown_frees = self.unknown_frees + 1
  end
end

-- A block that nobody has seen is taken for a new one.
function Sink:realloc(old, address, size)
  if is_null(old) then
    return self:malloc(address, size)
  elseif is_null(address) then
    return tonumber(size) == 0 and self:free(old) or nil
  end
  local id = self.ids[old]
  self.ids[old] = nil
  if id then
    self.ids[address] = id
  else
    id = self:new_id(address)
  end
  self:put("r", id, size)
end

local function decimal(text)
  return text and ("%d"):format(math.tointeger(tonumber(text)))
end

local formats = {}

-- What valgrind calls requests for blocks and their ends.
local valgrind_calls = {
  calloc = function(sink, arguments, result)
    local count, size = arguments:match("^(%w+),%s*(%w+)")
    sink:calloc(result, decimal(count), decimal(size))
  end,
  realloc = function(sink, arguments, result)
    local old, size = arguments:match("^(%w+),%s*(%w+)")
    sink:realloc(old, result, decimal(size))
  end,
  memalign = function(sink, arguments, result)
    local size = arguments:match("size%s*(%w+)") or arguments:match(",%s*(%w+)")
    sink:malloc(result, decimal(size))
  end,
  malloc = function(sink, arguments, result)
    sink:malloc(result, decimal(arguments:match("^%w+")))
  end,
  free = function(sink, arguments)
    sink:free(arguments:match("^%w+"))
  end,
}

-- Names of C++ begin with _Zn (new) and _Zd (delete).
local function valgrind_call(name)
  if name:find("^_Z") then
    return name:find("^_Zd") and "free" or "malloc"
  elseif name:find("free") then
    return "free"
  elseif name:find("align") then
    return "memalign"
  end
  return valgrind_calls[name] and name
end

-- "--123-- malloc(0x10) = 0x4A43040"; other lines are valgrind's or the
-- program's own.
local function valgrind_line(sink, line)
  local call = line:match("^%-%-%d+%-%-%s+(.*)")
  local name, rest = (call or ""):match("^([%w_]+)%((.*)$")
  local kind = name and valgrind_call(name)
  if not kind then
    return true
  end
  local arguments, result = rest:match("^([^)]*)%)%s*=?%s*(%S*)$")
  if not arguments or (kind ~= "free" and not result:find("^0x%x+$")) then
    return false
  end
  valgrind_calls[kind](sink, arguments, result)
  return true
end

formats.valgrind = { line = valgrind_line, is = function(line)
  return line:find("^%-%-%d+%-%-%s+[%w_]+%(.*%)") ~= nil
end }

-- "malloc(24) = 0x55d0"; with -f or -S something stands in front of it.
local function ltrace_line(sink, line)
  local name, arguments, result = line:match("([%w_]+)%(([^()]*)%)%s*=%s*(%S+)")
  if not name then
    name, arguments, result = line:match("([%w_]+)%((.*)%)%s*=%s*(%S+)")
  end
  if name == "malloc" then
    sink:malloc(result, decimal(arguments))
  elseif name == "calloc" then
    local count, size = arguments:match("^(%w+),%s*(%w+)")
    sink:calloc(result, decimal(count), decimal(size))
  elseif name == "realloc" then
    local old, size = arguments:match("^(%S+),%s*(%w+)")
    sink:realloc(old, result, decimal(size))
  elseif name == "free" then
    sink:free(arguments)
  elseif line:find("^[%w_]*alloc%(") or line:find("^free%(") then
    return line:find("unfinished") ~= nil or line:find("no return") ~= nil
  end
  return true
end

formats.ltrace = { line = ltrace_line, is = function(line)
  return line:find("^[%[%]%d%s]*malloc%(%d+%)%s*=%s*0x%x+")
    or line:find("^[%[%]%d%s]*calloc%(%d+,%s*%d+%)%s*=%s*0x%x+")
    or line:find("^[%[%]%d%s]*free%(0x%x+%)%s*=%s*<void>")
end }

-- "@ caller + 0xADDR 0xSIZE", "- ADDR", "< OLD" and then "> NEW SIZE".
local function mtrace_line(sink, line)
  local sign, address, size = line:match("([-+<>!])%s+(0x%x+)%s*(%w*)%s*$")
  if line:find("^=%s") then
    return true
  elseif not sign then
    return false
  elseif sign == "+" then
    sink:malloc(address, decimal(size))
  elseif sign == "-" then
    sink:free(address)
  elseif sign == "<" then
    sink.moving = address
  elseif sign == ">" then
    sink:realloc(sink.moving, address, decimal(size))
    sink.moving = nil
  end
  return true
end

formats.mtrace = { line = mtrace_line, is = function(line)
  return line:find("^= Start") or line:find("^@ .* [-+<>] 0x%x+")
end }

-- A header of four integers or of two; then "a ID SIZE", "r ID SIZE", "f ID".
-- Ids begin at 0.
local function malloclab_line(sink, line)
  local number = line:match("^%s*(%d+)%s*$")
  if number then
    sink.header = (sink.header or 0) + 1
    return sink.requests == 0 and sink.header <= 4
  end
  local letter, id, size = line:match("^([arf])%s+(%d+)%s*(%d*)%s*$")
  if not letter or (letter == "f") ~= (size == "") then
    return false
  end
  sink:put(letter, decimal(id) + 1, size ~= "" and size or nil)
  return true
end

formats.malloclab = { line = malloclab_line, is = function(line)
  return line:find("^%s*%d+%s*$") ~= nil
end }

formats.pymalloc = { is = function(line)
  return line:find("^# pymalloc trace") or line:find("^[acr] %d+ %d") or line:find("^f %d")
    or line:find("^x %-?%d")
end }

local order = { "pymalloc", "malloclab", "mtrace", "valgrind", "ltrace" }

--- The names of the formats that can be read.
M.formats = order

-- The format of the first line that is of one.
local function recognise(text)
  local count = 0
  for line in text:gmatch("[^\r\n]+") do
    for _, name in ipairs(order) do
      if formats[name].is(line) then
        return name
      end
    end
    count = count + 1
    if count == RECOGNISE_LINES then
      break
    end
  end
end

local function shown(line)
  return (line:sub(1, 40):gsub("[^ -~]", "?"))
end

-- Reads line by line; a line that is wrong ends it.
local function read_lines(text, format, sink, name)
  local number = 0
  for line in text:gmatch("([^\n]*)\n?") do
    number = number + 1
    line = line:gsub("\r$", "")
    local ok, is_right = true, true
    if line:find("%S") then
      ok, is_right = pcall(format.line, sink, line)
    end
    if not ok or is_right == false then
      return ("%s:%d: this is no line of format %s: '%s'"):format(name, number, format.name,
        shown(line))
    end
  end
end

local function find_format(text, options)
  local name = options.format or recognise(text)
  if not name then
    return nil, ("%s: the format is none of %s"):format(options.name or "text",
      table.concat(order, ", "))
  elseif not formats[name] then
    return nil, ("unknown format '%s' (there are: %s)"):format(name, table.concat(order, ", "))
  end
  return name
end

local function notes_of(sink, name, problem)
  return { format = name, requests = sink.requests, unknown_frees = sink.unknown_frees,
    problem = problem }
end

--- The text of a trace in the format of pymalloc.
-- @param options { format = a name, else it is recognised; lenient = true takes
--                what was read before a line that is wrong; name = for messages }
-- @return the text and { format =, requests =, unknown_frees =, problem = }; or
--         nil and what is wrong
function M.convert(text, options)
  local name, problem = find_format(text, options)
  if not name then
    return nil, problem
  elseif name == "pymalloc" then
    return text, { format = name, unknown_frees = 0 }
  end
  local format, sink = formats[name], new_sink()
  format.name = name
  problem = read_lines(text, format, sink, options.name or "text")
  if not problem and sink.requests == 0 then
    problem = ("%s: there is no request in it"):format(options.name or "text")
  end
  if problem and (not options.lenient or sink.requests == 0) then
    return nil, problem
  end
  local head = HEAD .. "# imported from " .. name .. "\n"
  return head .. table.concat(sink.lines, "\n") .. "\n", notes_of(sink, name, problem)
end

local function quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- The bytes of a file; .gz, .xz and .zst are unpacked.
function M.read(path)
  local file, problem = io.open(path, "rb")
  if not file then
    return nil, problem
  end
  local tool = TOOLS[path:match("%.(%w+)$") or ""]
  if tool then
    file:close()
    file = assert(io.popen(("%s -dc < %s"):format(tool, quote(path)), "r"))
  end
  local text, failure = file:read("a")
  local ok = file:close()
  if not text or (tool and not ok) then
    return nil, ("%s cannot be %s"):format(path, text and "unpacked" or "read: " .. failure)
  end
  return text
end

return M
