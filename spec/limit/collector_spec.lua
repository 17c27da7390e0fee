local pymalloc = require "pymalloc"

describe("memory that the collector cannot see", function()
  it("is announced to it", function()
    local shared <close> = pymalloc.heap()
    collectgarbage()
    local peak = 0
    for i = 1, 5000 do
      shared:buffer("u8", 131072)
      if i % 100 == 0 then
        peak = math.max(peak, shared:stats().raw_blocks)
      end
    end
    assert.is_true(peak < 500, peak .. " buffers of 128 KiB at once")
  end)

  it("of dropped heaps is too", function()
    for _ = 1, 5000 do
      pymalloc.heap():malloc(16)
    end
    assert.equal(64 << 30, pymalloc.heap():stats().reserved_bytes)
  end)

  it("leaves a stopped collector alone", function()
    local shared <close> = pymalloc.heap()
    collectgarbage("stop")
    for _ = 1, 100 do
      shared:buffer("u8", 131072)
    end
    local live = shared:stats().raw_blocks
    collectgarbage("restart")
    assert.equal(100, live)
  end)
end)
