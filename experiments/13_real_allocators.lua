local kit = require "experiments.kit"
local pymalloc = require "pymalloc"

return {
  title = "The same programs on other allocators",
  sources = {
    { "gh-90815: mimalloc for CPython",
      "https://github.com/python/cpython/issues/90815" },
  },
  asked = "How many bytes would the recorded programs have resident on another allocator?",
  method = "The recorded requests are replayed in a process of its own on each allocator. One "
    .. "byte in each page of a block is written. The heap of this library is replayed too; its "
    .. "bytes are those of whole arenas and of the live blocks above 512 bytes, not of the pages "
    .. "that were written to.",
  measure = function()
    local parts = {}
    for _, path in ipairs { "@json", "@startup" } do
      local designs = { { profile = "3.11", name = "this heap, 3.11" } }
      for _, one in ipairs(pymalloc.real.allocators()) do
        table.insert(designs, { real = one.name })
      end
      local rows = {}
      for _, row in ipairs(assert(pymalloc.experiment { traces = { path }, designs = designs,
        measure = { "total_peak", "total_mean", "total_end", "total_trimmed" } }).rows) do
        table.insert(rows, row.problem and { row.design, row.problem } or { row.design,
          kit.kib(row.total_peak), kit.kib(row.total_mean), kit.kib(row.total_end),
          row.total_trimmed and kit.kib(row.total_trimmed) or "-" })
      end
      table.insert(parts, "**" .. path:sub(2) .. "**\n\n" .. kit.table({ "allocator", "peak",
        "mean", "end", "trimmed" }, rows))
    end
    return { text = table.concat(parts, "\n\n"), sentence = "At the end, CPython's allocator holds "
      .. "less than glibc's, jemalloc, mimalloc and tcmalloc hold before a trim." }
  end,
}
