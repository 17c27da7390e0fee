-- Logs of memray: the stacks of Python frames, also of wrong and endless logs.

local command = require "spec.support.command"
local imports = require "spec.support.imports"
local imported = imports.imported

local HEAD = "HEADER magic=memray version=12\n"

local function assert_imports(name, text, expected)
  imports.assert_case(name, { name, text, expected })
end

describe("the importer of memray", function()
  it("reads the output of memray parse, with the Python stack of each thread", function()
    assert_imports("memray", [[
HEADER magic=memray version=12 python_version=3.11.2 native_traces=false
CONTEXT_SWITCH tid=1
FRAME_ID frame_id=1 function_name=main filename=/x/app.py lineno=12 is_entry_frame=1
FRAME_PUSH frame_id=1
ALLOCATION address=0x5600 size=24 allocator=malloc
FRAME_PUSH frame_id=2
FRAME_ID frame_id=2 function_name=load filename=/x/app.py lineno=31 is_entry_frame=0
ALLOCATION address=0x5620 size=25 allocator=pymalloc_malloc
CONTEXT_SWITCH tid=2
ALLOCATION_WITH_NATIVE address=0x5700 size=7 allocator=calloc native_frame_id=3
CONTEXT_SWITCH tid=1
FRAME_POP count=1
ALLOCATION address=0x5600 size=0 allocator=free
ALLOCATION address=0x5600 size=48 allocator=realloc
ALLOCATION address=0x7f0000000000 size=262144 allocator=mmap
ALLOCATION address=0x7f0000000000 size=262144 allocator=munmap
FRAME_PUSH frame_id=2
FRAME_PUSH frame_id=2
FRAME_POP count=2
ALLOCATION address=0x5800 size=9 allocator=malloc
MEMORY_RECORD time=1 memory=1
TRAILER
]], "w 1 0 app.py:12 main, a 1 24 @1, w 2 1 app.py:31 load, a 2 25 @2, a 3 7, f 1, a 4 48 @1, "
      .. "a 5 9 @1")
  end)

  it("names the frames of requests that make a block, and no others", function()
    assert_imports("memray", [[
HEADER magic=memray version=12
FRAME_PUSH frame_id=1
ALLOCATION_WITH_NATIVE address=0x10 size=8 allocator=malloc native_frame_id=5
FRAME_PUSH frame_id=2
ALLOCATION_WITH_NATIVE address=0x10 size=0 allocator=free native_frame_id=5
FRAME_POP count=2
ALLOCATION address=0x20 size=9 allocator=mmap
FRAME_PUSH frame_id=3
ALLOCATION  address=0x20 size=9 allocator=pymalloc_calloc
]], "w 1 0 frame 1, a 1 8 @1, f 1, w 2 0 frame 3, a 2 9 @2")
  end)

  it("refuses a file that has only sums", function()
    local _, problem = imported("HEADER magic=memray version=12\n"
      .. "AGGREGATED_ALLOCATION tid=1 allocator=malloc\n")
    assert.equal("text:2: the file has only sums: run memray without --aggregate", problem)
  end)
end)

describe("the stacks of a log of memray", function()
  local MALLOC = "ALLOCATION address=0x%x size=8 allocator=malloc native_frame_id=0\n"

  it("are empty after more pops than pushes", function()
    assert_imports("memray", HEAD .. "FRAME_POP count=1\nFRAME_PUSH frame_id=1\n"
      .. "FRAME_POP count=18446744073709551615\n" .. MALLOC:format(0x10)
      .. "FRAME_PUSH frame_id=0\n" .. MALLOC:format(0x20), "a 1 8, w 1 0 frame 0, a 2 8 @1")
  end)

  it("belong to threads, of which the first may have no number", function()
    assert_imports("memray", HEAD .. "FRAME_PUSH frame_id=1\nCONTEXT_SWITCH tid=7\n"
      .. "FRAME_PUSH frame_id=2\n" .. MALLOC:format(0x10) .. "CONTEXT_SWITCH tid=0\n"
      .. MALLOC:format(0x20) .. "CONTEXT_SWITCH tid=7\n" .. MALLOC:format(0x30)
      .. "FRAME_POP count=1\nCONTEXT_SWITCH tid=9\nCONTEXT_SWITCH tid=7\n"
      .. MALLOC:format(0x40), "w 1 0 frame 2, a 1 8 @1, w 2 0 frame 1, a 2 8 @2, a 3 8 @1, a 4 8")
  end)

  it("name a frame again where another frame has called it", function()
    local push = "FRAME_PUSH frame_id=%d\n"
    assert_imports("memray", HEAD .. push:format(1) .. push:format(2) .. MALLOC:format(0x10)
      .. "FRAME_POP count=2\n" .. push:format(2) .. MALLOC:format(0x20) .. push:format(1)
      .. MALLOC:format(0x30), "w 1 0 frame 1, w 2 1 frame 2, a 1 8 @2, w 3 0 frame 2, a 2 8 @3, "
      .. "w 4 3 frame 1, a 3 8 @4")
  end)

  it("have the first lines of functions where the log has no others", function()
    assert_imports("memray", "HEADER magic=memray version=13\n"
      .. "CODE_OBJECT code_id=1 function_name=<lambda> filename=/x/a b.py firstlineno=12 "
      .. "linetable_size=40\n"
      .. "FRAME_PUSH code_object_id=1 instruction_offset=24 is_entry_frame=1\n"
      .. MALLOC:format(0x10), "w 1 0 a b.py:12 <lambda>, a 1 8 @1")
  end)

  it("are refused with numbers that no log has", function()
    for line, why in pairs {
      ["FRAME_PUSH frame_id=4294967296"] = "a frame_id is at most 4294967295",
      ["FRAME_PUSH frame_id=18446744073709551615"] = "a frame_id is at most 4294967295",
      ["CONTEXT_SWITCH tid=18446744073709551615"] = "a tid is at most 18446744073709551614",
    } do
      local trace, problem = imported(HEAD .. line .. "\n")
      assert.is_nil(trace)
      assert.equal(("text:2: this line is not of format memray: '%s' (%s)"):format(
        #line > 40 and line:sub(1, 40) .. "..." or line, why), problem)
    end
    for _, line in ipairs { "FRAME_PUSH frame_id=", "FRAME_PUSH frame_id=99999999999999999999",
      "FRAME_PUSH", "FRAME_POP count=x", "CONTEXT_SWITCH tid=-1", "CODE_OBJECT code_id=1" } do
      local trace, problem = imported(HEAD .. line .. "\n")
      assert.is_nil(trace, line)
      assert.matches("^text:2: this line is not of format memray", problem)
    end
  end)
end)

describe("a log of memray with endless stacks", function()
  local KIB_MOST = 64 * 1024 -- of address space, for the command

  -- The build with AddressSanitizer, which reserves terabytes of addresses, has no
  -- pymalloc.preload.
  if not package.searchpath("pymalloc.preload", package.cpath) then
    return pending("a sanitizer needs more addresses")
  end

  local function convert(producer)
    local _, errors, code = command.run(("ulimit -v %d; { echo '%s'; %s; } 2>/dev/null "
      .. "| timeout 600 %s convert - /dev/null"):format(KIB_MOST, HEAD:gsub("\n", ""), producer,
      command.pymalloc))
    return { code, errors:match("^[^\n]*") }
  end

  it("is refused where the stacks become too deep", function()
    assert.same({ 1, "pymalloc: standard input:1048578: the call stacks have more than 1048576 "
      .. "frames" }, convert("yes 'FRAME_PUSH frame_id=1'"))
  end)

  it("is refused where too many threads have frames", function()
    assert.same({ 1, "pymalloc: standard input:131076: more than 65536 threads have frames" },
      convert("seq 1 1000000 | sed 's/.*/CONTEXT_SWITCH tid=&\\nFRAME_PUSH frame_id=1/'"))
  end)

  it("needs no memory for threads that have ended, and frames that were popped", function()
    assert.same({ 1, "pymalloc: standard input:3000001: the text has no request" },
      convert("seq 1 600000 | sed 's/.*/CONTEXT_SWITCH tid=&\\nFRAME_PUSH frame_id=1\\n"
        .. "FRAME_PUSH frame_id=&\\nFRAME_POP count=1\\nFRAME_POP count=1/'"))
  end)
end)
