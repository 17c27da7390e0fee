-- The sections of an analysis as rows of plain numbers, for CSV.

local M = {}

-- A reader of records: the values of the named fields of each.
local function fields(name, columns)
  return {
    columns = columns,
    rows = function(analysis)
      local rows = {}
      for i, record in ipairs(analysis[name]) do
        rows[i] = {}
        for column, field in ipairs(columns) do
          rows[i][column] = record[field] == nil and "" or record[field]
        end
      end
      return rows
    end,
  }
end

local FIGURES = { "requests", "left_out", "mallocs", "callocs", "reallocs", "frees", "refused",
  "free_nothing", "realloc_fresh", "births", "deaths", "kept", "kept_bytes", "requested_bytes",
  "allocated_bytes", "freed_bytes", "peak_live_blocks", "peak_live_bytes", "peak_bytes_at",
  "peak_live_small", "mean_live_blocks", "mean_live_bytes", "chains", "longest_chain",
  "realloc_in_place", "realloc_moved", "realloc_raw", "moved_bytes" }

--- The columns and the rows of each section, by its name.
M.by_name = {
  joint = fields("joint", { "size_from", "size_to", "from", "to", "blocks", "bytes" }),
  phases = fields("phases", { "name", "from", "to", "births", "deaths", "allocated_bytes",
    "freed_bytes", "live_blocks", "live_bytes", "peak_live_bytes" }),
  classes = fields("classes", { "szidx", "size", "blocks", "requested_bytes", "rounding_bytes",
    "kept", "peak_blocks", "young", "moved_away", "half_within" }),
  young = fields("dies_young", { "below", "blocks", "bytes", "share", "bytes_share" }),
  sites = fields("sites", { "where", "blocks", "bytes", "young", "young_bytes", "kept",
    "kept_bytes", "mean_lifetime" }),
}

M.by_name.summary = {
  columns = { "figure", "value" },
  rows = function(analysis)
    local rows = {}
    for i, name in ipairs(FIGURES) do
      rows[i] = { name, analysis[name] }
    end
    return rows
  end,
}

M.by_name.sizes = {
  columns = { "from", "to", "requests", "bytes" },
  rows = function(analysis)
    local rows = {}
    for _, row in ipairs(analysis.sizes) do
      table.insert(rows, { row.size, row.size, row.requests, row.bytes })
    end
    for _, row in ipairs(analysis.large) do
      table.insert(rows, { row.from, row.to, row.requests, row.bytes })
    end
    return rows
  end,
}

M.by_name.lifetimes = {
  columns = { "measure", "from", "to", "blocks", "bytes" },
  rows = function(analysis)
    local rows = {}
    for _, kind in ipairs { { "requests", "lifetimes" }, { "bytes", "byte_lifetimes" } } do
      for _, row in ipairs(analysis[kind[2]]) do
        table.insert(rows, { kind[1], row.from, row.to, row.blocks, row.bytes })
      end
    end
    table.insert(rows, { "never freed", "", "", analysis.kept, analysis.kept_bytes })
    return rows
  end,
}

M.by_name.curve = {
  columns = { "request", "live_blocks", "live_bytes", "live_small" },
  rows = function(analysis)
    local rows, curve = {}, analysis.curve
    for i, request in ipairs(curve.requests) do
      rows[i] = { request, curve.live_blocks[i], curve.live_bytes[i], curve.live_small[i] }
    end
    return rows
  end,
}

M.by_name.churn = {
  columns = { "figure", "value" },
  rows = function(analysis)
    local churn = analysis.churn
    return { { "allocated_per_live", churn.allocated_per_live },
      { "allocated_per_request", churn.allocated_per_request },
      { "births_per_request", churn.births_per_request } }
  end,
}

M.by_name.reallocs = {
  columns = { "kind", "name", "count" },
  rows = function(analysis)
    local rows = { { "place", "in place", analysis.realloc_in_place },
      { "place", "moved", analysis.realloc_moved }, { "place", "raw", analysis.realloc_raw } }
    for _, row in ipairs(analysis.growths) do
      table.insert(rows, { "size", row.growth, row.reallocs })
    end
    for _, row in ipairs(analysis.chain_lengths) do
      table.insert(rows, { "blocks", ("%d to %d reallocs"):format(row.from, row.to), row.blocks })
    end
    return rows
  end,
}

--- The names of the sections, in order.
M.names = { "summary", "sizes", "lifetimes", "joint", "young", "curve", "phases", "churn",
  "reallocs", "classes", "sites" }

local function cell(value)
  local content = math.type(value) == "float" and ("%.6g"):format(value) or tostring(value)
  return content:find('[",\r\n]') and '"' .. content:gsub('"', '""') .. '"' or content
end

local function line(values)
  local cells = {}
  for i, value in ipairs(values) do
    cells[i] = cell(value)
  end
  return table.concat(cells, ",") .. "\n"
end

--- A section as CSV.
function M.csv(analysis, name)
  local section = M.by_name[name]
  local lines = { line(section.columns) }
  for _, row in ipairs(section.rows(analysis)) do
    table.insert(lines, line(row))
  end
  return table.concat(lines)
end

return M
