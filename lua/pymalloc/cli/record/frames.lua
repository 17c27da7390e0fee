-- Converts return addresses to source lines: "main.c:12 load". Without the tool addr2line, or if
-- a file has no lines, to places in the file: "libc.so.6+0x9c3a2 _IO_file_doallocate".

local core = require "pymalloc.core"
local elf = require "pymalloc.cli.record.elf"
local packed = require "pymalloc.packed"
local trace = require "pymalloc.trace"

local M = {}

-- Functions below main, and below the first function of a thread.
local RUNTIME = { _start = true, __libc_start_main = true, __libc_start_main_impl = true,
  __libc_start_call_main = true, start_thread = true, clone = true, clone3 = true,
  __clone = true, __clone3 = true }

-- The module that has an address. Several may have been at it, one after the other.
local function module_of(modules, address)
  for i = #modules, 1, -1 do
    if address >= modules[i].start and address < modules[i].stop then
      return modules[i]
    end
  end
end

-- The addresses of each file: lists of tables with the fields address (of the process) and
-- place (in the file).
local function by_file(modules, addresses)
  local files, seen = {}, {}
  for _, address in ipairs(addresses) do
    local module = not seen[address] and module_of(modules, address)
    seen[address] = true
    if module then
      files[module.path] = files[module.path] or {}
      table.insert(files[module.path],
        { address = address, place = address - module.start + module.offset })
    end
  end
  return files
end

-- The short form of the path of a source: relative to this folder, if it is below it.
local function shorten(path, folder)
  path = path:gsub("/%./", "/")
  return path:sub(1, #folder) == folder and path:sub(#folder + 1) or path
end

-- Is an address inside a symbol? addr2line names a symbol even for addresses behind its end.
local function is_inside(ranges, address)
  local low, high = 1, #ranges
  while low <= high do
    local middle = (low + high) // 2
    if ranges[middle][1] > address then
      high = middle - 1
    else
      low = middle + 1
    end
  end
  for i = high, math.max(1, high - 8), -1 do -- symbols may lie in each other
    if address < ranges[i][2] then
      return true
    end
  end
  return false
end

-- The text of a frame; nil if it is below main.
local function text_of(name, line, fallback, folder)
  line = line:gsub(" %(discriminator %d+%)$", "")
  if RUNTIME[name:gsub("@.*", "")] then
    return nil
  elseif line:match("^[^?].*:[1-9]%d*$") then
    return shorten(line, folder) .. (name ~= "??" and " " .. name or "")
  end
  return fallback.text .. (name ~= "??" and fallback.is_named and " " .. name or "")
end

-- Reads what addr2line says about each place: its address, then pairs of lines, the innermost
-- function first.
local function read_answers(lines, texts, file, folder)
  local base, at, list = file.path:match("[^/]*$"), 0, nil
  local name
  for line in lines do
    if line:match("^0x%x+$") then
      at, name = at + 1, nil
      list = {}
      texts[file.places[at].address] = list
    elseif not name then
      name = line
    else
      local place = file.places[at]
      local fallback = { text = ("%s+0x%x"):format(base, place.place),
        is_named = is_inside(file.ranges, place.symbol) }
      table.insert(list, (text_of(name, line, fallback, folder)))
      name = nil
    end
  end
end

-- Asks addr2line about all places of a file. A return address is behind the call.
local function ask(file, texts, folder)
  local object <close> = elf.open(file.path)
  if not object or object.bits ~= 64 then
    return
  end
  local questions = core.output.scratch()
  local handle = questions and io.open(questions, "w")
  if not handle then
    return
  end
  file.ranges = object:symbol_ranges()
  for _, place in ipairs(file.places) do
    place.symbol = object:address_of(place.place) - 1
    handle:write(("0x%x\n"):format(place.symbol))
  end
  handle:close()
  local pipe <close> = io.popen(("addr2line -a -f -i -C -e %s <%s 2>/dev/null"):format(
    packed.quote(file.path), packed.quote(questions)))
  read_answers(pipe:lines(), texts, file, folder)
  core.output.remove(questions)
end

--- Is addr2line there?
function M.has_tool()
  return os.execute("command -v addr2line >/dev/null 2>&1") == true
end

--- The lists of texts of all return addresses in a log, for trace.convert_log.
function M.texts(log)
  local handle <close> = assert(io.open(log, "rb"))
  local modules, addresses = trace.log_places(handle)
  local pipe <close> = assert(io.popen("pwd"))
  local folder = pipe:read("a"):gsub("\n$", "") .. "/"
  local texts = {}
  for path, places in pairs(by_file(modules, addresses)) do
    for _, place in ipairs(places) do
      texts[place.address] = { ("%s+0x%x"):format(path:match("[^/]*$"), place.place) }
    end
    ask({ path = path, places = places }, texts, folder)
  end
  return texts
end

return M
