-- steps.lua PASSED FAILED < output of ctest --verbose: prints one line for each
-- step when it ends, the log of each that fails, and a closing line
-- "N passed, N failed" that counts each spec of busted, and each other step as
-- one. PASSED and FAILED are the counts to begin with.
local passed, failed = tonumber(arg[1]), tonumber(arg[2])
local LOG_LINES = 200

local logs = {} -- the lines that each test has printed, by its number
local is_complete = false

io.stdout:setvbuf("line")

local function log_of(number)
  logs[number] = logs[number] or {}
  return logs[number]
end

-- Of busted's summary, "1906 successes / 0 failures / 0 errors / 0 pending":
-- the last such line; nil where there is none.
local function busted_counts(log)
  for i = #log, 1, -1 do
    local good, failures, errors, pending = log[i]:match(
      "^(%d+) success%a* / (%d+) failures? / (%d+) errors? / (%d+) pending")
    if good then
      return tonumber(good), failures + errors, tonumber(pending)
    end
  end
end

local function print_ok(name, seconds, log, good, pending)
  local counts = good and ("  %d specs, %d pending"):format(good, pending) or ""
  print(("ok      %-34s %5.0f s%s"):format(name, seconds, counts))
  for _, line in ipairs(log) do
    local counted = line:match("^counted: (.*)")
    if counted then
      print("        " .. counted)
    end
  end
end

local function print_failure(name, outcome, log)
  print(("FAILED  %s (%s)"):format(name, outcome))
  for i = math.max(1, #log - LOG_LINES + 1), #log do
    print("        " .. log[i])
  end
end

local function finish_step(name, outcome, seconds, log)
  local good, bad, pending = busted_counts(log)
  if outcome == "Skipped" then
    print(("skipped %-34s %s"):format(name, log[#log] or ""))
  elseif outcome == "Passed" and good ~= 0 then
    print_ok(name, seconds, log, good, pending)
    passed = passed + (good or 1)
  else
    print_failure(name, outcome, log)
    passed, failed = passed + (good or 0), failed + math.max(bad or 1, 1)
  end
end

for line in io.lines() do
  local number, text = line:match("^(%d+): (.*)$")
  local test, name, outcome, seconds =
    line:match("^ *%d+/%d+ Test +#(%d+): (%S+) [ .]*(.-) +([%d.]+) sec")
  if number then
    table.insert(log_of(number), text)
  elseif test then
    finish_step(name, outcome:gsub("^%*+", ""), seconds, log_of(test))
  elseif line:find("^Total Test time") then
    is_complete = true
  end
end

if not is_complete then
  print("FAILED  ctest did not come to its end")
  failed = failed + 1
end
print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0 and passed > 0)
