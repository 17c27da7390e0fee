-- What script/suite/bits32 and arm64 compare between machines: for the built-in traces and every
-- profile, the digest of the whole run, and the events of the first requests as text.
local pymalloc = require "pymalloc"

local REQUESTS <const> = 3000

local function write_events(run)
  for _ = 1, math.min(REQUESTS, run.length) do
    run:step()
    for _, event in ipairs(run:events(true)) do
      print(event)
    end
  end
end

for _, trace in ipairs { "@startup", "@json" } do
  for _, profile in ipairs(pymalloc.profiles()) do
    print(trace, profile.name)
    local run = assert(pymalloc.replay(trace, { profile = profile.name }))
    write_events(run)
    run:seek(run.length // 2)
    print("half", run.heap:hash())
    print("digest", run:digest())
  end
end
