-- Runs Frama-C on a subject of proofs/, and reads the status of each property.

local tree = require "script.lib.tree"

local M = {}

-- Options that every subject has. The memory model of WP that knows casts takes the bytes of
-- blocks for separate from the fields of records; proofs/README.md says what that means.
local COMMON = "-c11 -machdep gcc_x86_64 -kernel-warn-key parser:conditional-feature=inactive " ..
  "-kernel-warn-key annot:missing-spec=inactive -kernel-warn-key " ..
  "typing:implicit-conv-void-ptr=inactive "
local WP = "-wp -wp-rte -wp-model Typed+Cast -wp-prover z3,cvc4 -wp-steps %d -wp-timeout %d " ..
  "-wp-par 1 -wp-cache none -wp-warn-key pedantic-assigns=inactive -wp-fct %s"
local EVA = "-eva -eva-msg-key=-initial-state -eva-no-alloc-returns-null "

-- What a prover may use for a property: steps, which do not depend on the machine or its load,
-- and seconds of processor time, for what it does between two steps. The properties of
-- docs/proofs.md need up to 36 million steps.
M.LIMITS = { steps = 60000000, seconds = 120 }

-- For the comparison with broken rules, in which each property that is lost uses up the limits.
M.LOW_LIMITS = { steps = 10000000, seconds = 15 }

--- Ends the script with a message.
function M.fail(text, code)
  io.stderr:write("prove: ", text, "\n")
  os.exit(code or 1)
end

-- Runs a shell command. Returns whether it succeeded, and its output.
local function shell(command)
  local pipe = io.popen("{ " .. command .. "; } 2>&1")
  local output = pipe:read("a")
  return pipe:close() ~= nil, output
end

--- Ends the script with 77 if a tool is missing.
function M.require_all()
  local missing = {}
  for _, name in ipairs { "frama-c", "why3", "z3", "cvc4" } do
    if not shell("command -v " .. name) then
      table.insert(missing, name)
    end
  end
  if #missing > 0 then
    M.fail("missing: " .. table.concat(missing, ", ") ..
      " (Debian: apt-get install frama-c-base why3 z3 cvc4)", 77)
  end
end

-- A folder for the files of this run, with a configuration of Why3 that has the provers.
local function work_folder()
  if not M.folder then
    M.folder = os.tmpname()
    os.remove(M.folder)
    local done, output = shell(("mkdir %s && HOME=%s why3 config detect && mv %s/.why3.conf " ..
      "%s/why3.conf"):format(M.folder, M.folder, M.folder, M.folder))
    if not done then
      M.fail(output)
    end
  end
  return M.folder
end

--- Removes the files of this run.
function M.clean()
  if M.folder then
    shell("rm -r " .. M.folder)
    M.folder = nil
  end
end

-- {=== The properties

local INVARIANTS -- set of names, such as "pool.count"

local function is_invariant(root, name)
  if not INVARIANTS then
    INVARIANTS = {}
    for found in tree.read(root .. "/csrc/check/check.h"):gmatch('X%([A-Z_]+, "([a-z_.]+)"%)') do
      INVARIANTS[found] = true
    end
  end
  return INVARIANTS[name]
end

-- The words of a label: [pool.count] for pool_count, "goes to the front" for others.
local function words_of(root, label)
  local invariant = label:gsub("_", ".", 1)
  return is_invariant(root, invariant) and "[" .. invariant .. "]" or label:gsub("_", " ")
end

-- The label of a check, from its line in the file: the report does not have it.
local function label_of(path, number)
  local lines = 0
  for line in io.lines(path) do
    lines = lines + 1
    if lines == number then
      return line:match("check ([%l][%w_]*):")
    end
  end
end

local SKIPPED = { precondition = true, ["from clause"] = true }

-- The property to which a line of the report belongs; nil for none.
local function property_of(root, subject, kind, text, number)
  if SKIPPED[kind] then
    return nil
  elseif kind == "precondition of __FC_assert" then
    return subject.method == "wp" and "its assertions" or "no run-time error"
  elseif kind == "postcondition" or kind:find("^user ") then
    local label = text:match("^([%l][%w_]*): ") or
      kind ~= "postcondition" and label_of(subject.path, tonumber(number))
    return label and words_of(root, label) or "its contract"
  elseif kind == "assigns clause" then
    return "its contract"
  end
  return "no run-time error"
end

-- Counts a line of the report. result.rows[function][property] = { proved =, all = }.
local function count(result, name, property, status, place)
  local row = result.rows[name] or {}
  local counts = row[property] or { proved = 0, all = 0 }
  result.rows[name], row[property] = row, counts
  counts.all = counts.all + 1
  if status == "Valid" then
    counts.proved = counts.proved + 1
  else
    table.insert(result.open, place)
  end
end

local function set_of(list)
  local set = {}
  for _, name in ipairs(list) do
    set[name] = true
  end
  return set
end

-- Is the file one of the project, not of Frama-C's C library?
local function is_ours(folder)
  return not folder:find("^FRAMAC_SHARE") and folder ~= "."
end

-- Does the report's line say that no execution reaches the place? A check of \false wants that;
-- other properties are then left out, because nothing was shown of them.
local function is_left_out(kind, status, text)
  return status == "Dead" and not (kind:find("^user ") and text:find("\\false", 1, true))
end

-- Does a line belong to the subject: to a function that it proves, or to any of the project?
local function belongs(subject, wanted, folder, name)
  if subject.method == "wp" then
    return wanted[name]
  end
  return is_ours(folder)
end

local function read_report(root, subject, result, path)
  local wanted = set_of(subject.prove)
  for line in io.lines(path) do
    local folder, file, number, name, kind, status, text = line:match(
      "^([^\t]*)\t([^\t]*)\t(%d+)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
    local property = folder and belongs(subject, wanted, folder, name) and
      not is_left_out(kind, status, text) and property_of(root, subject, kind, text, number)
    if property then
      count(result, subject.method == "wp" and name or "main", property,
        status == "Dead" and "Valid" or status,
        ("%s:%s: %s: %s: %s: %s"):format(file, number, name, kind, status, text))
    end
  end
end

-- {=== One subject

local function command_of(root, subject, csrc, report, limits)
  local folder = work_folder()
  local method = subject.method == "wp"
    and WP:format(limits.steps, limits.seconds, table.concat(subject.prove, ",")) or EVA
  local paths = { tree.quoted(subject.path) }
  for _, source in ipairs(subject.sources) do
    table.insert(paths, tree.quoted(csrc .. "/" .. source))
  end
  local include = ("-cpp-extra-args='-I%s -I%s/proofs -include %s/proofs/frama.h'"):format(csrc,
    root, root)
  return ("WHY3CONFIG=%s/why3.conf frama-c %s %s %s %s %s -then -report-csv %s"):format(folder,
    COMMON, include, table.concat(paths, " "), method, subject.options, report)
end

-- What ends an analysis early: then nothing is proved.
local function problem_of(subject, output)
  if subject.method == "eva" and output:find("NON TERMINATING FUNCTION", 1, true) and
     output:match("Values at end of function main:%s*NON TERMINATING FUNCTION") then
    return "no run reaches the end of main"
  end
  return nil
end

-- The end of an output, where the reason of a failure stands.
local function last_lines(output)
  return output:sub(-400):match("\n(.*)") or output
end

--- Proves a subject with the sources of a folder. Returns { subject =, rows =, open = the
-- properties that are not proved, problem =, has_failed = Frama-C did not read the sources }.
-- @param limits (optional) of the provers, if not LIMITS
function M.prove(root, subject, csrc, limits)
  local result = { subject = subject, rows = {}, open = {} }
  local report = work_folder() .. "/report.csv"
  local done, output = shell(command_of(root, subject, csrc, report, limits or M.LIMITS))
  result.has_failed = not done
  result.problem = not done and last_lines(output) or problem_of(subject, output)
  if not result.problem then
    result.functions = output:match("(%d+) functions analyzed")
    read_report(root, subject, result, report)
  end
  os.remove(report)
  return result
end

return M
