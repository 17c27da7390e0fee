local pymalloc = require "pymalloc"
local events = require "pymalloc.event"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

-- Returns a list, and a listener that adds the kind of each event to it.
local function notebook()
  local kinds = {}
  return kinds, function(event)
    table.insert(kinds, event.kind)
  end
end

describe("heap:on", function()
  local heap

  before_each(function()
    heap = pymalloc.heap { profile = "classroom" }
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
  end)

  it("reports each step of a request, in order", function()
    heap:malloc(24)
    local kinds, listen = notebook()
    heap:on(listen)
    local b = heap:malloc(24)
    b:free()
    assert.same({ "request", "block_pop", "block_carve", "request", "block_push" }, kinds)
  end)

  it("reports resizes, callocs and frees at the end of a scope", function()
    local kinds, listen = notebook()
    local b = heap:buffer("u8", 20)
    heap:on(listen, { kind = { "realloc_in_place", "realloc_move", "raw_alloc", "request" } })
    b:resize(30)
    b:resize(60)
    do
      local c <close> = heap:calloc(100, 1)
      assert.equal(100, #c)
    end
    assert.same({ "request", "realloc_in_place", "request", "realloc_move", "request", "raw_alloc",
      "request" }, kinds)
  end)

  it("reports a refused request", function()
    heap:malloc(1):free()
    local kinds, listen = notebook()
    heap:on(listen)
    heap:malloc(math.maxinteger)
    assert.same({ "request", "refused" }, kinds)
  end)

  it("filters by kind", function()
    local kinds, listen = notebook()
    heap:on(listen, { kind = "pool_full" })
    for _ = 1, 6 do
      heap:malloc(64)
    end
    assert.same({ "pool_full", "pool_full" }, kinds)
  end)

  it("filters by class", function()
    local classes = {}
    heap:on(function(event) classes[event.class] = true end, { class = { 0, 2 } })
    for size = 1, 64 do
      heap:malloc(size)
    end
    assert.same({ [0] = true, [2] = true }, classes)
  end)

  it("leaves out details by default", function()
    local plain, listen = notebook()
    local detailed, listen_to_all = notebook()
    heap:on(listen)
    heap:on(listen_to_all, { details = true })
    heap:malloc(24):free()
    assert.equal(#plain + 3, #detailed)
    assert.is_nil(table.concat(plain, " "):find("forget"))
    assert.truthy(table.concat(detailed, " "):find("block_forget block_forget pool_forget"))
  end)

  it("calls several listeners until each is removed", function()
    local one, listen_one = notebook()
    local other, listen_other = notebook()
    local subscription = heap:on(listen_one)
    heap:on(listen_other)
    heap:malloc(1)
    assert.same(one, other)
    local count = #one
    subscription:remove()
    subscription:remove()
    heap:malloc(1)
    assert.equal(count, #one)
    assert.is_true(#other > count)
  end)

  it("allows a listener to remove itself and others while it runs", function()
    local count, other = 0, 0
    local first, second
    first = heap:on(function()
      count = count + 1
      first:remove()
      second:remove()
    end)
    second = heap:on(function() other = other + 1 end)
    heap:malloc(1)
    heap:malloc(1)
    assert.equal(1, count)
    assert.equal(0, other)
  end)

  it("raises a listener's error after the request and after all listeners have run", function()
    local kinds, listen = notebook()
    heap:on(function(event) error("no " .. event.kind, 0) end, { kind = "block_pop" })
    heap:on(listen, { kind = "block_pop" })
    local blocks = heap:stats().blocks
    assert.error_matches(function() heap:malloc(1) end, "^no block_pop$")
    assert.same({ "block_pop" }, kinds)
    assert.equal(blocks + 1, heap:stats().blocks)
    assert(heap:check())
  end)

  it("raises the error of the first listener that fails", function()
    for _, name in ipairs { "first", "second", "third" } do
      heap:on(function() error(name, 0) end, { kind = "block_pop" })
    end
    assert.error_matches(function() heap:malloc(1) end, "^first$")
    local kinds, listen = notebook()
    heap:on(listen)
    heap:on(function(event) error("no " .. event.kind, 0) end)
    local _, problem = pcall(heap.malloc, heap, 1)
    assert.is_true(#kinds > 1)
    assert.equal("no " .. kinds[1], problem)
  end)

  it("allows a listener to use the heap, and does not report its requests", function()
    local count, kept = 0, {}
    heap:on(function()
      count = count + 1
      table.insert(kept, heap:malloc(64))
    end, { kind = "request" })
    heap:malloc(1)
    assert.equal(1, count)
    assert.equal(1, #kept)
    assert.equal(2, #heap:last_events() - #heap:last_events(#heap:last_events() - 2))
  end)

  it("allows a listener to close the heap", function()
    local own = pymalloc.heap()
    own:on(function() own:close() end, { kind = "block_pop" })
    own:malloc(1)
    assert.error_matches(function() own:malloc(1) end, "closed")
  end)

  it("refuses a listener that cannot be called, and an invalid filter", function()
    for _, case in ipairs {
      { { 1 }, "listener must be a function, got 1" },
      { { print, 1 }, "filter must be a table, got 1" },
      { { print, { kinds = "x" } }, "unknown filter kinds %(allowed: kind, class, details%)" },
      { { print, { kind = "pool_fool" } }, "unknown event 'pool_fool' %(allowed: request, " },
      { { print, { class = 4 } }, "class must be an integer from 0 to 3, got 4" },
      { { print, { class = {} } }, "no class is named" },
      { { print, { kind = {} } }, "no event is named %(allowed: request, " },
    } do
      assert.error_matches(function() heap:on(table.unpack(case[1], 1, 2)) end, case[2])
    end
  end)
end)

describe("heap:last_events", function()
  it("returns the last events, the oldest first", function()
    local heap = pymalloc.heap()
    assert.same({}, heap:last_events())
    heap:keep_events(4)
    for _ = 1, 9 do
      heap:malloc(8)
    end
    local kinds = {}
    for i, event in ipairs(heap:last_events()) do
      kinds[i] = event.request .. event.kind
    end
    assert.same({ "8block_carve", "9request", "9block_pop", "9block_carve" }, kinds)
    assert.equal(2, #heap:last_events(2))
  end)

  it("has the newest events after their number was made smaller or larger", function()
    local heap = pymalloc.heap()
    heap:keep_events(100)
    for _ = 1, 9 do
      heap:malloc(8)
    end
    local all = heap:last_events()
    for _, kept in ipairs { 3, 5 } do
      heap:keep_events(kept)
      local newest = heap:last_events()
      assert.equal(3, #newest)
      for i, event in ipairs(newest) do
        assert.equal(tostring(all[#all - 3 + i]), tostring(event))
      end
    end
  end)

  it("refuses invalid counts", function()
    local heap = pymalloc.heap()
    for got, count in pairs { ["%-1"] = -1, ["1%.5"] = 1.5, ["a string"] = "x",
      ["100001"] = 100001 } do
      for _, method in ipairs { "last_events", "keep_events" } do
        assert.error_matches(function() heap[method](heap, count) end, "^pymalloc: heap:" .. method
          .. ": count must be an integer from 0 to 100000, got " .. got .. "$")
      end
    end
  end)

  it("is empty when no events are kept and no listener is left", function()
    local heap = pymalloc.heap()
    local subscription = heap:on(print, { kind = "arena_new" })
    heap:keep_events(0)
    subscription:remove()
    heap:malloc(8)
    assert.same({}, heap:last_events())
    assert.equal(0, heap:lost_events())
  end)

  it("holds 65536 waiting events, and heap:lost_events counts the others", function()
    local heap <close> = pymalloc.heap()
    heap:keep_events(0)
    local told = 0
    local subscription = heap:on(function() told = told + 1 end, { kind = "block_push" })
    local buffers = heaps.take(heap, 70000, 8)
    for i = 1, #buffers do
      buffers[i] = nil
    end
    collectgarbage() -- frees the blocks, but calls no listener
    assert.equal(0, told)
    heap:malloc(8)
    assert.equal(1 << 16, told)
    local lost = heap:lost_events()
    assert.equal(70000, told + lost)
    heap:malloc(8)
    assert.equal(lost, heap:lost_events())
    subscription:remove()
  end)
end)

describe("pymalloc.event", function()
  it("explains every kind of event", function()
    for _, kind in ipairs(events.kinds) do
      assert.is_true(#kind.meaning > 15, kind.name)
    end
  end)
end)
