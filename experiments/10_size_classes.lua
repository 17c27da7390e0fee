local kit = require "experiments.kit"
local pymalloc = require "pymalloc"

local limits = { 64, 128, 256, 512 }

local function requests_of(path)
  local by_class, total = {}, 0
  for operation, _, bytes, count in pymalloc.trace.each(path) do
    if bytes and operation ~= "free" then
      local size = operation == "calloc" and count * bytes or bytes
      local class = size <= 512 and math.max(1, (size + 15) // 16) * 16 or 0
      by_class[class], total = (by_class[class] or 0) + 1, total + 1
    end
  end
  return by_class, total
end

local function up_to(by_class, limit)
  local sum = 0
  for class, count in pairs(by_class) do
    sum = sum + (class > 0 and class <= limit and count or 0)
  end
  return sum
end

return {
  title = "Requests by size class when the interpreter starts",
  sources = {
    { "Evan Jones (2005) gives 256 bytes as the limit of his time",
      "https://www.evanjones.ca/memoryallocator/" },
    { "obmalloc.c gives 512 bytes as the limit of today",
      "https://github.com/python/cpython/blob/main/Objects/obmalloc.c" },
  },
  asked = "Which sizes does a starting interpreter ask for? Tim Peters is said to have "
    .. "counted them in 2002. We did not find his table, so nothing is compared.",
  method = "The malloc, calloc and realloc requests of the recorded start of CPython 3.11, in "
    .. "classes 16 bytes apart. The second table has the share that each limit would serve.",
  run = function()
    local by_class, total = requests_of "@startup"
    local classes = {}
    for class in pairs(by_class) do
      table.insert(classes, class)
    end
    table.sort(classes, function(a, b)
      return by_class[a] > by_class[b] or by_class[a] == by_class[b] and a < b
    end)
    local rows = {}
    for i = 1, 10 do
      local class = classes[i]
      rows[i] = { class == 0 and "above 512" or class, kit.commas(by_class[class]),
        kit.percent(by_class[class], total) }
    end
    local shares = {}
    for i, limit in ipairs(limits) do
      shares[i] = { limit, kit.percent(up_to(by_class, limit), total) }
    end
    return {
      text = kit.table({ "block bytes", "requests", "share" }, rows, 0) .. "\n\n"
        .. kit.table({ "limit in bytes", "requests served" }, shares, 0),
      sentence = ("With a limit of 256 bytes, %s of these requests would be served by pools; "
        .. "with the limit of today, 512 bytes, %s are."):format(
        kit.percent(up_to(by_class, 256), total), kit.percent(up_to(by_class, 512), total)),
    }
  end,
}
