-- 'pymalloc record --where' of a program in C: the lines of its source that made the requests.
local command = require "spec.support.command"
local pymalloc = require "pymalloc"

-- The source of a program, without its marks /*NAME*/, and the line of each of them.
local function marked(text)
  local lines, number = {}, 0
  for line in text:gmatch("[^\n]*\n") do
    number = number + 1
    for name in line:gmatch("/%*(%w+)%*/") do
      lines[name] = number
    end
  end
  return lines
end

local SOURCE = [[
#include <alloca.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef LEAK
#define LEAK 40001
#endif

static void *volatile kept;

static void *wrapped(size_t bytes)
{
  return malloc(bytes); /*wrapper*/
}

__attribute__((noinline)) static void keep(void)
{
  kept = wrapped(LEAK); /*leak*/
}

__attribute__((noinline)) static void drop(void)
{
  void *volatile block = wrapped(40002); /*drop*/
  free(block);
}

__attribute__((noinline)) static void deep(int depth)
{
  if (depth == 0)
    kept = calloc(2, 20003); /*deepest*/
  else
    deep(depth - 1); /*deeper*/
  kept = kept;
}

/* The frames are of various sizes. */
__attribute__((noinline)) static void vary(size_t bytes)
{
  char *volatile room = alloca(bytes);
  memset(room, 1, bytes);
  kept = realloc(NULL, 40004); /*various*/
}

static void *in_thread(void *unused)
{
  kept = malloc(40005); /*thread*/
  return unused;
}

int main(void)
{
  pthread_t thread;
  for (int i = 0; i < 2000; i++) {
    drop(); /*dropper*/
    if (i % 100 == 0)
      keep(); /*keeper*/
  }
  deep(3); /*depths*/
  for (size_t i = 0; i < 300; i++) {
    vary(i % 7 * 1000 + 16); /*vary1*/
    vary(5000 - i % 5 * 1000); /*vary2*/
  }
  pthread_create(&thread, NULL, in_thread, NULL);
  pthread_join(thread, NULL);
  _exit(3);
}
]]

describe("pymalloc record --where", function()
  if not package.searchpath("pymalloc.preload", package.cpath) then
    return pending("the preloaded library was not built: it cannot stand beside a sanitizer's")
  end
  if not os.execute("command -v addr2line >/dev/null 2>&1") then
    return pending("addr2line is not there")
  end

  local LINES = marked(SOURCE)
  local folder

  setup(function()
    folder = command.run("mktemp -d"):match("[^\n]+")
    local file <close> = assert(io.open(folder .. "/leak.c", "w"))
    file:write(SOURCE)
  end)

  teardown(function()
    command.run("rm -r " .. folder)
  end)

  local function build(options)
    assert(os.execute(("cd %s && cc -w %s leak.c -o leak -pthread"):format(folder, options)))
  end

  -- Records ./leak. Returns how often each call stack made a request of a size of its own: "40001:
  -- leak.c:11 wrapped < leak.c:16 keep < leak.c:70 main".
  local function stacks(options)
    local here = command.run("pwd"):match("[^\n]+")
    local _, errors, code = command.run(("cd %s && %s/%s record --where %s -o t.trace -- ./leak")
      :format(folder, here, command.pymalloc, options or ""))
    assert.equal(3, code, errors)
    assert.matches("^pymalloc: %d+ requests recorded in t.trace\n$", errors)
    local sites, frames, counts = {}, {}, {}
    for line in io.lines(folder .. "/t.trace") do
      local site, parent, text = line:match("^w (%d+) (%d+) (.*)$")
      if site then
        assert.is_nil(frames[parent .. text], "a site is defined twice")
        frames[parent .. text] = true
        sites[site] = text .. (sites[parent] and " < " .. sites[parent] or "")
      end
      local size, by = line:match("^[acr] %d+ (.*) @(%d+)$")
      if size and size:match("[24]000%d$") then
        local key = size .. ": " .. sites[by]
        counts[key] = (counts[key] or 0) + 1
      end
    end
    return counts
  end

  local function line(name, func)
    return ("leak.c:%d %s"):format(LINES[name], func)
  end

  local function expected()
    return {
      ["40001: " .. table.concat({ line("wrapper", "wrapped"), line("leak", "keep"),
        line("keeper", "main") }, " < ")] = 20,
      ["40002: " .. table.concat({ line("wrapper", "wrapped"), line("drop", "drop"),
        line("dropper", "main") }, " < ")] = 2000,
      ["2 20003: " .. table.concat({ line("deepest", "deep"), line("deeper", "deep"),
        line("deeper", "deep"), line("deeper", "deep"), line("depths", "main") }, " < ")] = 1,
      ["40004: " .. line("various", "vary") .. " < " .. line("vary1", "main")] = 300,
      ["40004: " .. line("various", "vary") .. " < " .. line("vary2", "main")] = 300,
      ["40005: " .. line("thread", "in_thread")] = 1,
    }
  end

  for _, options in ipairs { "-O0 -g", "-O1 -g -fno-omit-frame-pointer", "-g -no-pie -O0" } do
    it("names the lines of each call stack, of a program built with " .. options, function()
      build(options)
      assert.same(expected(), stacks())
    end)
  end

  it("names the lines of functions that are inlined", function()
    build("-O2 -g -fno-optimize-sibling-calls -fno-ipa-icf")
    local counts = stacks()
    for stack, count in pairs(expected()) do
      if not stack:match("20003") then -- the compiler unrolls the recursion
        assert.equal(count, counts[stack], stack)
      end
    end
  end)

  it("records as many frames as --depth says", function()
    build("-O0 -g")
    local counts = stacks("--depth 2")
    assert.equal(20, counts["40001: " .. line("wrapper", "wrapped") .. " < "
      .. line("leak", "keep")])
    assert.equal(1, counts["2 20003: " .. line("deepest", "deep") .. " < "
      .. line("deeper", "deep")])
  end)

  it("names places in files where a program has no lines", function()
    build("-O0")
    local counts = stacks()
    local found
    for stack, count in pairs(counts) do
      if stack:match("^40001: leak%+0x%x+ wrapped < leak%+0x%x+ keep < leak%+0x%x+ main$") then
        found = count
      end
    end
    assert.equal(20, found)
  end)

  it("names no function for a place in a file whose symbols were removed", function()
    build("-O0 -s")
    local found
    for stack in pairs(stacks()) do
      local frames = stack:match("^40001: (.*)$")
      if frames then
        found = true
        assert.matches("^leak%+0x%x+ < leak%+0x%x+ < leak%+0x%x+", frames)
        assert.is_nil(frames:match("leak%+0x%x+ [^<]"))
      end
    end
    assert.truthy(found)
  end)

  it("leads pins to the line that leaks", function()
    build("-O0 -g -DLEAK=400")
    stacks()
    local output, errors, code = command.run(("%s pins %s/t.trace"):format(command.pymalloc,
      folder))
    assert.same({ "", 0 }, { errors, code })
    assert.matches("%s20%s+8,000%s+leak%.c:" .. LINES.wrapper .. " wrapped\n", output)
    assert(pymalloc.replay(folder .. "/t.trace"))
  end)

  it("names the caller of the operator new of C++, not the C++ library", function()
    if not os.execute("command -v g++ >/dev/null 2>&1") then
      return pending("g++ is not there")
    end
    local file <close> = assert(io.open(folder .. "/leak.cc", "w"))
    file:write("#include <unistd.h>\n#include <new>\nvoid *volatile kept;\nint main() {\n"
      .. "  kept = new char[40001];\n  kept = new (std::nothrow) char[40002];\n  _exit(3);\n}\n")
    file:close()
    assert(os.execute(("cd %s && g++ -O0 -g leak.cc -o leak"):format(folder)))
    assert.same({ ["40001: leak.cc:5 main"] = 1, ["40002: leak.cc:6 main"] = 1 }, stacks())
  end)
end)
