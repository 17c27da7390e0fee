-- Which versions of CPython print a report like one that was read.

local M = {}

local KIB = 1 << 10

-- Eras: the versions whose reports differ from those of other versions. Each has the profile of
-- its geometry where there is one, and the fields of a report that it prints.
-- lists: types whose free lists are printed after the report: true if they are, false if
-- they are not.
local eras = {
  { versions = "2.3 to 3.2", threshold = 256, step = 8, arena = 256 * KIB, pool = 4 * KIB },
  { versions = "2.7 to 2.7.16", threshold = 512, step = 8, arena = 256 * KIB, pool = 4 * KIB,
    has_no_lists = true },
  { versions = "3.3 to 3.7.3", profile = "3.6", threshold = 512, step = 8, arena = 256 * KIB,
    pool = 4 * KIB, lists = { PyCFunctionObjects = true, PyMethodObjects = true,
      PyFrameObjects = true, PyDictKeysObjects = false } },
  { versions = "2.7.17 and 2.7.18", threshold = 512, step = 16, arena = 256 * KIB,
    pool = 4 * KIB, has_no_lists = true },
  { versions = "3.7.4 to 3.8", profile = "3.8", threshold = 512, step = 16, arena = 256 * KIB,
    pool = 4 * KIB, lists = { PyCFunctionObjects = true, PyMethodObjects = true,
      PyFrameObjects = true, PyDictKeysObjects = false } },
  { versions = "3.9", profile = "3.9", threshold = 512, step = 16, arena = 256 * KIB,
    pool = 4 * KIB, lists = { PyCFunctionObjects = false, PyMethodObjects = false,
      PyFrameObjects = true, PyDictKeysObjects = false } },
  { versions = "3.10", profile = "3.10", threshold = 512, step = 16, arena = 1024 * KIB,
    pool = 16 * KIB, map = { 8 * KIB, 8 * KIB, 2 * KIB } },
  { versions = "3.11 and 3.12", profile = "3.11", threshold = 512, step = 16,
    arena = 1024 * KIB, pool = 16 * KIB, map = { 256 * KIB, 256 * KIB, 128 * KIB },
    lists = { PyDictKeysObjects = false } },
  { versions = "3.13 to 3.15", profile = "3.11", threshold = 512, step = 16,
    arena = 1024 * KIB, pool = 16 * KIB, map = { 256 * KIB, 256 * KIB, 128 * KIB },
    lists = { PyDictKeysObjects = true } },
  { versions = "3.15 with huge pages", profile = "3.15-hugepages", threshold = 512, step = 16,
    arena = 2048 * KIB, pool = 16 * KIB, map = { 256 * KIB, 256 * KIB, 64 * KIB } },
}

--- The distance between two size classes; nil if the report does not tell.
function M.step(report)
  local class = report.classes[1]
  if class then
    return class.size // (class.szidx + 1)
  end
  return report.threshold and (report.class_count or 0) > 0
    and report.threshold // report.class_count or nil
end

--- The bytes of a bottom node of the arena map, by the sizes of arenas and of the root; nil
-- if no version has such a map.
function M.bottom_bytes(report)
  for _, era in ipairs(eras) do
    if era.map and era.arena == report.arena_size and era.map[1] == report.map_root_bytes then
      return era.map[3]
    end
  end
end

-- Is a number equal to that of an era, or not in the report?
local function agrees(number, expected)
  return number == nil or number == expected
end

local function map_agrees(report, era)
  if not era.map then
    return report.map_root_bytes == nil and report.map_mid_nodes == nil
  end
  local is_cut = report.map_root_bytes == nil
  local ends = report.map_bytes == nil and #report.free_lists == 0
  return (is_cut and ends) or agrees(report.map_root_bytes, era.map[1])
    and not is_cut
end

-- Do the free lists after the report belong to the era? A cut list has no last line, so that
-- types that are missing say nothing unless some are there.
local function lists_agree(report, era)
  local names = {}
  for _, list in ipairs(report.free_lists) do
    names[list.name] = true
  end
  if next(names) and era.has_no_lists then
    return false
  elseif not names.PyListObjects or not names.PyDictObjects then
    return true
  end
  for name, is_printed in pairs(era.lists or {}) do
    if (names[name] or false) ~= is_printed then
      return false
    end
  end
  return true
end

local function era_agrees(report, era)
  return agrees(report.threshold, era.threshold) and agrees(M.step(report), era.step)
    and agrees(report.arena_size, era.arena) and agrees(report.pool_bytes, era.pool)
    and map_agrees(report, era) and lists_agree(report, era)
end

--- The versions that print such a report: an array of texts, and the name of the profile if
-- all of them have the same.
function M.of(report)
  local versions, profile, is_one = {}, nil, true
  for _, era in ipairs(eras) do
    if era_agrees(report, era) then
      is_one = is_one and (#versions == 0 or profile == era.profile)
      profile = era.profile
      table.insert(versions, era.versions)
    end
  end
  return versions, is_one and profile or nil
end

return M
