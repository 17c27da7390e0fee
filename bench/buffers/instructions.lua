-- bench/buffers/instructions.lua: counts the instructions of making and dropping an
-- object with callgrind, for script/bench-buffers --instructions.
--
-- Each case runs with 2,000 and with 22,000 objects; the difference counts.

local markdown = dofile("bench/markdown.lua")

local CASES = {
  "a userdata of 64 bytes, dropped",
  "the same with a user value and an empty finalizer, 1000 in a call, each",
  "heap:buffers('u8', 64, 1000), each",
  "heap:buffer('u8', 64), dropped",
  "the same of a cached heap",
  "carray.new('unsigned char', 64), dropped",
}

local function count(name, n)
  local pipe <close> = assert(io.popen(("valgrind --tool=callgrind " ..
    '--callgrind-out-file=/dev/null lua5.4 bench/buffers/main.lua "%s" %d 2>&1'):format(name, n)))
  return tonumber(pipe:read("a"):match("Collected : (%d+)"))
end

markdown.header { "operation", "instructions" }
for _, name in ipairs(CASES) do
  if pcall(require, "carray") or not name:find("^carray") then
    markdown.row { name, (count(name, 22000) - count(name, 2000)) // 20000 }
  end
end
