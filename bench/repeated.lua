-- bench/repeated.lua: returns a function of the path of a trace and a number of
-- copies. It returns one trace with these copies, each with ids of its own.

local pymalloc = require "pymalloc"

return function(path, copies)
  local trace = assert(pymalloc.trace.load(path))
  local highest, texts = 0, {}
  for _, id in pymalloc.trace.each(trace) do
    highest = math.max(highest, id or 0)
  end
  for copy = 0, copies - 1 do
    texts[copy + 1] = ("\n" .. trace.text):gsub("\n([acrf]) (%d+)", function(letter, id)
      return ("\n%s %d"):format(letter, id + copy * highest)
    end):sub(2)
  end
  return { text = table.concat(texts), requests = copies * trace.requests }
end
