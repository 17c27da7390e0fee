-- A script for a state that is made on a heap: it makes objects of all sizes and kinds, raises
-- errors, runs coroutines, and collects garbage in both modes.

local kept = {}

local function check_kept()
  for i, thing in pairs(kept) do
    assert(thing.number % 500 == i and #thing.text == thing.number % 1500)
    assert(thing.text == ("%c"):format(97 + thing.number % 26):rep(#thing.text))
    assert(thing.call() == thing.number)
    assert(coroutine.resume(thing.thread) and coroutine.status(thing.thread) == "dead")
  end
end

local function fail(depth)
  return depth == 0 and error({ "deep" }) or fail(depth - 1) .. ""
end

local function make(number)
  local thread = coroutine.create(function(n) coroutine.yield(n) end)
  coroutine.resume(thread, number)
  return {
    number = number,
    text = ("%c"):format(97 + number % 26):rep(number % 1500),
    call = function() return number end,
    thread = thread,
  }
end

for _, mode in ipairs { "incremental", "generational" } do
  collectgarbage(mode)
  for number = 1, 6000 do
    kept[number % 500] = make(number)
    local grown = {}
    for i = 1, number % 200 do
      grown[i], grown["k" .. i % 40] = i, i
    end
    local ok, why = pcall(fail, number % 60)
    assert(not ok and why[1] == "deep")
    assert(#table.concat(grown, ",") >= #grown)
  end
  check_kept()
  kept = {}
  collectgarbage()
end
assert(load("return " .. ("1 + "):rep(5000) .. "1"))()
