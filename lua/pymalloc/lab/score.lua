-- The score of an answer, a design, on traces.
--
--     score = 0.6 * utilisation + 0.4 * (1 - traffic)
--
-- utilisation is live_mean / held_mean: of the bytes of arenas held, the share that is requested
-- and live, both as means over the moments after each request. traffic is the number of arenas
-- that the answer obtains, divided by the number that the baseline obtains, and at most 1. The
-- baseline is profile 3.11 with the smallest arenas that a heap has, of two pools, which are
-- released at once. The score in all is the mean of those of the traces, each of which counts
-- the same.
--
-- Small arenas raise the utilisation and the traffic; arenas that are kept lower both. So no
-- answer has 1. An answer must serve the requests of 1 to 512 bytes from its pools, as 3.11 does.

local designs = require "pymalloc.experiment.designs"
local sources = require "pymalloc.experiment.sources"
local text = require "pymalloc.text"

local M = {}

local UTILISATION, TRAFFIC = 0.6, 0.4 -- their weights
local STEPS_PER_REQUEST, REQUESTS_PER_SECOND = 1000, 20000 -- of functions of an answer

--- The design whose number of arenas counts as traffic 1.
M.BASELINE = { lab = { profile = "3.11", arena_bytes = 32768, release = "at once" } }

-- Measures a design on the requests of one interpreter. Returns the measures; or nil and a
-- message.
local function measure(design, source)
  local results, problem = designs.run(design, source, {})
  local result = results and results[1]
  if result and result.problem then
    return nil, result.problem
  end
  return result, problem
end

-- The limits of a measurement: they grow with the trace.
local function limits_for(source)
  return { steps = 10000000 + STEPS_PER_REQUEST * #source.loaded, bytes = 256 << 20,
    seconds = 60 + #source.loaded // REQUESTS_PER_SECOND }
end

-- The same in the sandbox of an answer, if it has one.
local function measure_answer(answer, source)
  if not answer.box then
    return measure(answer.design, source)
  end
  local ok, result, problem = answer.box:within(limits_for(source)):call(measure, answer.design,
    source)
  if not ok then
    return nil, result
  end
  return result, problem
end

-- The scores on one source; or nil and a message.
local function score_of(answer, source, baseline)
  local found, problem = measure_answer(answer, source)
  if not found then
    return nil, ("%s: %s: %s"):format(answer.name, source.name, problem)
  elseif found.small_requests ~= baseline.small_requests then
    return nil, ("%s: %s: its pools serve %s, but they must serve the %s of 1 to 512 bytes, and "
      .. "no others"):format(answer.name, source.name, text.count(found.small_requests, "request"),
      text.count(baseline.small_requests, "request"))
  end
  local utilisation = found.live_mean / found.held_mean
  local traffic = math.min(1, found.arenas_obtained / baseline.arenas_obtained)
  return { trace = source.name, requests = found.requests, utilisation = utilisation,
    traffic = traffic, score = UTILISATION * utilisation + TRAFFIC * (1 - traffic),
    held_mean = found.held_mean, live_mean = found.live_mean,
    arenas_obtained = found.arenas_obtained, baseline_obtained = baseline.arenas_obtained }
end

-- Adds the scores on the interpreters of a trace that request small blocks. Returns true; or nil
-- and a message.
local function score_sources(answer, opened, scores)
  local baseline, before = designs.read(M.BASELINE), #scores
  for _, source in ipairs(opened) do
    local worst, problem = measure(baseline, source)
    if not worst then
      return nil, problem
    elseif worst.small_requests > 0 then
      local score, reason = score_of(answer, source, worst)
      if not score then
        return nil, reason
      end
      table.insert(scores, score)
    end
  end
  if #scores == before then
    return nil, ("%s: it has no request of 1 to 512 bytes"):format(opened[1].name)
  end
  return true
end

local function mean_of(scores, field)
  local sum = 0
  for _, score in ipairs(scores) do
    sum = sum + score[field]
  end
  return sum / #scores
end

--- Scores an answer (see pymalloc.lab.answer) on traces.
-- @param progress called before each trace with the number of those done; or nil
-- @return a table with the fields score, utilisation, traffic, and traces: an array of tables
-- with the figures of each; or nil and a message
function M.score(answer, traces, progress)
  local scores, names = {}, sources.names(traces)
  for number, given in ipairs(traces) do
    if progress then
      progress(number - 1)
    end
    local opened <close>, problem = sources.open(given, names[number])
    if not opened then
      return nil, problem
    end
    local is_scored, reason = score_sources(answer, opened, scores)
    if not is_scored then
      return nil, reason
    end
  end
  return { design = answer.design.name, answer = answer.hash, traces = scores,
    score = mean_of(scores, "score"), utilisation = mean_of(scores, "utilisation"),
    traffic = mean_of(scores, "traffic") }
end

return M
