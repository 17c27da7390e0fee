-- 'pymalloc record' of programs that use another allocator than the C library's: one that is linked
-- to the program, or preloaded.
local command = require "spec.support.command"
local pymalloc = require "pymalloc"

local FOLDERS = { "/usr/lib/x86_64-linux-gnu/", "/usr/lib/aarch64-linux-gnu/", "/usr/lib64/",
  "/usr/lib/" }
local ALLOCATORS = { "libjemalloc.so.2", "libtcmalloc.so.4", "libtcmalloc_minimal.so.4",
  "libmimalloc.so.2" }

local function path_of(library)
  for _, folder in ipairs(FOLDERS) do
    local file <close> = io.open(folder .. library)
    if file then
      return folder .. library
    end
  end
end

local function has(program)
  return (os.execute("command -v " .. program .. " >/dev/null 2>&1"))
end

-- Records a command. Returns how often each request is in the trace, and the exit code, output and
-- messages of the command.
local function record(words, environment)
  local path <close> = command.file("")
  local output, errors, code = command.run(("%s %s record -o %s -- %s"):format(
    environment or "", command.pymalloc, path.path, words))
  local counts, size_of = {}, {}
  for operation, id, bytes, count in pymalloc.trace.each(path.path) do
    local request = ("%s %d"):format(operation, operation == "free" and size_of[id] or
      bytes * (count or 1))
    counts[request] = (counts[request] or 0) + 1
    size_of[id] = bytes or nil
  end
  return counts, { code, output, (errors:gsub("^pymalloc: %d+ requests recorded in %S+\n", "")) }
end

describe("pymalloc record, before another allocator,", function()
  if not package.searchpath("pymalloc.preload", package.cpath) then
    return pending("the preloaded library was not built: it cannot stand beside a sanitizer's")
  end

  local function build(source, options)
    local program = os.tmpname()
    assert(os.execute(("%s -O0 -w %s -o %s %s"):format(
      source:match("%.cc$") and "g++ -std=c++17" or "cc", source, program, options)))
    return program
  end

  local function assert_operators(counts, result, last, to_multiples)
    assert.same({ 0, "1\n", "" }, result)
    for offset = 0, last do
      assert.equal(1, counts["malloc " .. 60001 + offset], offset)
      assert.equal(1, counts["free " .. 60001 + offset], offset)
    end
    for size = 60016, 60096, 16 do
      local asked = ("malloc %d"):format(to_multiples and (size + 63) // 64 * 64 or size)
      assert.is_true(counts[asked] ~= nil, asked)
    end
    assert.equal(1, counts["realloc 60009"])
  end

  for _, library in ipairs { "libc.so.6", table.unpack(ALLOCATORS) } do
    local path = path_of(library)
    it("records the operators of C++ once each: " .. library, function()
      if not path then
        return pending(library .. " is not installed")
      elseif not has("g++") then
        return pending("g++ is not installed")
      end
      local program = build("spec/recorded/operators.cc", path)
      finally(function()
        os.remove(program)
      end)
      -- libmimalloc is built as C: it ends the program instead of throwing an exception
      local is_refusing = library:match("mimalloc") == nil
      local counts, result = record(program .. (is_refusing and "" or " served"))
      -- the C++ library asks aligned_alloc for multiples of the alignment
      assert_operators(counts, result, is_refusing and 6 or 5, library == "libc.so.6")
    end)

    it("records the malloc family: " .. library, function()
      if not path then
        return pending(library .. " is not installed")
      end
      local program = build("spec/recorded/main.c", "-pthread")
      finally(function()
        os.remove(program)
      end)
      local counts, result = record(program .. " family", "LD_PRELOAD=" .. path)
      assert.same({ 0, "", "" }, result)
      for request, count in pairs { ["malloc 70001"] = 1, ["malloc 70016"] = 1,
        ["malloc 70003"] = 1, ["malloc 70004"] = 1, ["malloc 70707"] = 1,
        ["realloc 70714"] = 1, ["calloc 69999"] = 1,
        ["malloc 70006"] = 1, ["malloc 70007"] = 1, ["malloc 70005"] = 2, ["free 70005"] = 2,
        ["free 70001"] = 1, ["free 70714"] = 1 } do
        assert.equal(count, counts[request], request)
      end
    end)
  end

  -- Builds a program from a text in C; it is removed when its variable goes out of scope.
  local function built(text, options)
    local source <close> = command.file(text, ".c")
    local file = command.file("")
    assert(os.execute(("cc -O0 -w %s -o %s %s"):format(source.path, file.path, options)))
    return file
  end

  local MALLOCX = [[
    #include <stdlib.h>
    #include <stdint.h>
    void *mallocx(size_t, int) __attribute__((weak));
    void *rallocx(void *, size_t, int) __attribute__((weak));
    size_t xallocx(void *, size_t, size_t, int) __attribute__((weak));
    void dallocx(void *, int) __attribute__((weak));
    void sdallocx(void *, size_t, int) __attribute__((weak));
    int main(void) {
      int zeros_at_64 = 6 | 0x40;
      if (mallocx == NULL) return 0;
      char *block = mallocx(50001, zeros_at_64);
      if ((uintptr_t)block % 64 != 0 || block[50000] != 0) return 1;
      block = rallocx(block, 50002, 0);
      if (xallocx(block, 50003, 0, 0) >= 50003) block[50002] = 1;
      sdallocx(block, 50003, 0);
      dallocx(mallocx(50004, 0), 0);
      free(mallocx(50005, 0));
      return 0;
    }]]

  it("records the functions that only jemalloc has", function()
    local jemalloc = path_of("libjemalloc.so.2")
    if not jemalloc then
      return pending("libjemalloc.so.2 is not installed")
    end
    local program <close> = built(MALLOCX, jemalloc)
    local counts, result = record(program.path)
    assert.same({ 0, "", "" }, result)
    for _, request in ipairs { "malloc 50001", "realloc 50002", "realloc 50003", "free 50003",
      "malloc 50004", "free 50004", "malloc 50005", "free 50005" } do
      assert.equal(1, counts[request], request)
    end
  end)

  it("gives a program that asks for the functions of jemalloc blocks of the C library", function()
    local program <close> = built(MALLOCX, "")
    local counts, result = record(program.path)
    assert.same({ 0, "", "" }, result)
    for _, request in ipairs { "malloc 50001", "realloc 50002", "free 50002", "free 50005" } do
      assert.equal(1, counts[request], request)
    end
  end)

  it("runs the programs with jemalloc that a recorded program starts", function()
    local jemalloc = path_of("libjemalloc.so.2")
    if not jemalloc then
      return pending("libjemalloc.so.2 is not installed")
    end
    local program <close> = built([[
      #include <malloc.h>
      #include <stdlib.h>
      int main(void) {
        void *block = malloc(100);
        size_t bytes = malloc_usable_size(block);
        free(block);
        return bytes < 100;
      }]], jemalloc)
    local _, result = record(("sh -c '%s && echo whole; true'"):format(program.path))
    assert.same({ 0, "whole\n", "" }, result)
  end)

  it("records each request once before an allocator whose functions call each other", function()
    local allocator <close> = built([[
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <malloc.h>
      #include <string.h>
      void *malloc(size_t bytes) {
        void *(*function)(size_t) = dlsym(RTLD_NEXT, "malloc");
        return function(bytes);
      }
      void free(void *block) {
        void (*function)(void *) = dlsym(RTLD_NEXT, "free");
        function(block);
      }
      void *calloc(size_t count, size_t bytes) {
        void *block = malloc(count * bytes);
        return block == NULL ? NULL : memset(block, 0, count * bytes);
      }
      void *realloc(void *old, size_t bytes) {
        void *block = malloc(bytes);
        if (old != NULL) {
          size_t held = malloc_usable_size(old);
          memcpy(block, old, bytes < held ? bytes : held);
          free(old);
        }
        return block;
      }]], "-fPIC -shared -fno-builtin")
    local program <close> = built([[
      #include <stdlib.h>
      int main(void) { free(realloc(calloc(3, 16667), 50002)); return 0; }]], "-fno-builtin")
    local counts, result = record(program.path, "LD_PRELOAD=" .. allocator.path)
    assert.same({ 0, "", "" }, result)
    assert.same({ 1, 1, 1 },
      { counts["calloc 50001"], counts["realloc 50002"], counts["free 50002"] })
    assert.is_nil(counts["malloc 50001"])
    assert.is_nil(counts["malloc 50002"])
  end)

  it("records a plugin in C++ that a program in C loads for itself", function()
    if not has("g++") then
      return pending("g++ is not installed")
    end
    local source <close> = command.file([[
      #include <new>
      #include <limits>
      extern "C" int run() {
        int *volatile block = new int[12345];
        delete[] block;
        try {
          block = static_cast<int *>(::operator new(std::numeric_limits<long>::max() / 2));
        } catch (const std::bad_alloc &) {
          return 0;
        }
        return 1;
      }]], ".cc")
    local plugin <close> = command.file("", ".so")
    assert(os.execute(("g++ -O0 -fPIC -shared -o %s %s"):format(plugin.path, source.path)))
    local program <close> = built([[
      #include <dlfcn.h>
      int main(int argc, char **argv) {
        int (*run)(void) = dlsym(dlopen(argv[1], RTLD_NOW | RTLD_LOCAL), "run");
        return run();
      }]], "-ldl")
    local counts, result = record(program.path .. " " .. plugin.path)
    assert.same({ 0, "", "" }, result)
    assert.same({ 1, 1 }, { counts["malloc 49380"], counts["free 49380"] })
  end)

  it("records a redis-server, which uses jemalloc", function()
    if not has("redis-server") or not has("redis-cli") then
      return pending("redis-server is not installed")
    end
    local socket <close> = command.file("")
    local path <close> = command.file("")
    local script <close> = command.file(([[
      %s record -o "$1" -- redis-server --port 0 --save "" --unixsocket "$2" >/dev/null &
      tries=0
      while [ $tries -lt 6000 ] && ! redis-cli -s "$2" ping >/dev/null 2>&1; do
        sleep 0.1
        tries=$((tries + 1))
      done
      redis-cli -s "$2" shutdown nosave
      wait $!]]):format(command.pymalloc))
    local _, errors, code = command.run(("sh %s %s %s"):format(script.path, path.path, socket.path))
    assert.equal(0, code)
    assert.matches("^pymalloc: %d+ requests recorded in %S+\n$", errors)
    assert.is_true(assert(pymalloc.replay(path.path)).length > 1000)
  end)
end)
