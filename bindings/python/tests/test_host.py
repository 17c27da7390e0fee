"""Hosting of CPython, in both ways.

"module" is an ordinary python3 that installs the heap while it runs
('-m pymalloc_host'). "runner" is pymalloc-python, in which the heap serves all
requests from the first one on. Each test runs a program in processes of its
own.
"""

import os
import re
import subprocess
import sys

import pytest

from conftest import BUILD, ROOT

LEFT = re.compile(r"pymalloc_host: (\d+) arenas, (\d+) at once, (\d+) live "
                  r"blocks, (\d+) requests\n")


class Ended:
    """The end of a program: its exit code, output and report of the heap."""

    def __init__(self, done):
        self.code = done.returncode
        self.output = done.stdout
        self.errors = done.stderr
        found = LEFT.findall(done.stderr)
        assert found, done.stderr
        self.arenas, _, self.live, self.requests = map(int, found[-1])
        assert self.arenas > 0 and self.requests > 1000


def start(way, code, malloc=None):
    environment = dict(os.environ, PYMALLOC_HOST="count,report",
                       PYTHONPATH="%s:%s" % (ROOT / "bindings/python", BUILD))
    environment.pop("PYTHONMALLOC", None)
    if malloc is not None:
        environment["PYTHONMALLOC"] = malloc
    command = {"module": [sys.executable, "-m", "pymalloc_host", "--count",
                          "--report"],
               "runner": [BUILD / "pymalloc-python"]}[way]
    return subprocess.run([*command, "-c", code], env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def run(way, code, malloc=None):
    return Ended(start(way, code, malloc))


both_ways = pytest.mark.parametrize("way", ["module", "runner"])

WORK = """
import json
rows = [{"id": i, "text": "x" * (i % 700)} for i in range(5000)]
assert json.loads(json.dumps(rows)) == rows
"""

CHECK = """
import pymalloc_host
assert pymalloc_host.is_serving()
assert pymalloc_host.check()
"""


def passes(way, code, malloc=None):
    ended = run(way, code + CHECK, malloc)
    assert ended.code == 0, ended.errors
    return ended


@both_ways
@pytest.mark.parametrize("malloc", [None, "pymalloc", "debug", "malloc",
                                    "malloc_debug", "pymalloc_debug"])
def test_any_allocator_may_be_below(way, malloc):
    assert passes(way, WORK, malloc).requests > 10000


@both_ways
def test_debug_hooks_stay_around_the_heap(way):
    done = start(way, """
import ctypes, pymalloc_host
damaged = object()
assert pymalloc_host.pool_of(damaged).owner == "pymalloc_host"
ctypes.memset(id(damaged) - 1, 0, 1)
del damaged
""", "debug")
    assert done.returncode == -6
    assert "bad leading pad byte" in done.stderr


def test_nothing_is_left_after_finalization():
    assert passes("module", WORK).live == 0


def own_live_blocks(code):
    """The number of live blocks that CPython leaves on its own allocator."""
    environment = dict(os.environ, PYMALLOC_WITNESS="/dev/stderr",
                       LD_PRELOAD=str(BUILD / "pymalloc/witness.so"))
    record = subprocess.run([sys.executable, "-c", code], env=environment,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                            text=True, check=True).stderr
    last_mark = record[record.rindex("\nd\n"):]
    return sum(map(int, re.findall(r"#: pool \S+ count=(\d+)", last_mark)))


@pytest.mark.parametrize("code", ["pass", "import collections", WORK])
def test_the_runner_leaves_as_many_blocks_as_cpython(code):
    assert run("runner", code).live == own_live_blocks(code)


@both_ways
def test_older_blocks_are_freed_by_the_allocator_they_came_from(way):
    passes(way, """
import sys
before = [sys.modules[name].__dict__.copy() for name in list(sys.modules)]
before.clear()
sys.path_importer_cache.clear()
""")


@both_ways
def test_threads(way):
    passes(way, """
import threading
def work():
    kept = {}
    for i in range(20000):
        kept[i % 100] = [str(i), bytes(i % 600)]
threads = [threading.Thread(target=work) for _ in range(6)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
""")


@both_ways
def test_fork(way):
    passes(way, WORK + """
import os
child = os.fork()
if child == 0:
    more = [dict(row) for row in rows]
    rows.clear()
    import pymalloc_host
    pymalloc_host.check()
    os._exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert rows[4999]["id"] == 4999
""")


@both_ways
def test_sub_interpreters(way):
    passes(way, """
import _xxsubinterpreters as interpreters
for _ in range(3):
    other = interpreters.create()
    interpreters.run_string(other, "import json; json.dumps(list(range(999)))")
    interpreters.destroy(other)
""")


@both_ways
def test_an_interpreter_that_ends_last(way):
    passes(way, """
import _xxsubinterpreters as interpreters
interpreters.run_string(interpreters.create(), "kept = [[] for _ in range(99)]")
""")


@both_ways
@pytest.mark.parametrize("ending", ["raise SystemExit(3)", "1 / 0",
                                    "import sys; sys.exit('no')"])
def test_any_ending(way, ending):
    ended = run(way, WORK + ending)
    assert ended.code in (1, 3)


@both_ways
def test_objects_that_die_at_the_very_end(way):
    ended = run(way, """
import atexit, sys, threading, weakref
class Late:
    def __del__(self):
        self.more = [str(i) for i in range(1000)]
sys.late, cycle = Late(), Late()
cycle.itself = cycle
atexit.register(lambda: Late())
weakref.finalize(sys.late, list)
""")
    assert ended.code == 0, ended.errors


@both_ways
def test_tracemalloc_starts_and_stops(way):
    passes(way, """
import tracemalloc
for _ in range(2):
    tracemalloc.start()
    kept = [str(i) for i in range(10000)]
    assert tracemalloc.get_traced_memory()[0] > 100000
    tracemalloc.stop()
    kept.clear()
""")


def test_tracemalloc_that_was_started_before():
    """When it stops, it does not restore the allocator of before install."""
    environment = dict(os.environ, PYTHONPATH="%s:%s" % (
        ROOT / "bindings/python", BUILD))
    code = """
import tracemalloc
tracemalloc.start(3)
import pymalloc_host
pymalloc_host.install()
assert tracemalloc.is_tracing() and tracemalloc.get_traceback_limit() == 3
kept = [str(i) for i in range(10000)]
tracemalloc.stop()
kept.clear()
assert pymalloc_host.is_serving() and pymalloc_host.check()
"""
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


PEAK = """
def peak():
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines
                    if line.startswith("VmHWM"))
small = [str(i) for i in range(300000)]
small = None
first = peak()
%s
print(peak() - first)
"""

GROWTH = {
    "one large block": "kept = bytearray(b'x') * (18 << 20)",
    "many blocks": "kept = [bytes(1000) for _ in range(18000)]",
    "a list": "kept = []\nfor _ in range(2000000): kept.append(None)",
}


@pytest.mark.parametrize("growth", GROWTH.values(), ids=GROWTH.keys())
def test_what_is_retained_makes_room_for_other_blocks(growth):
    """The released arenas, about 20 MiB, make room for the new blocks."""
    for retain in 0, 64 << 20:
        done = subprocess.run(
            [BUILD / "pymalloc-python", "-c", PEAK % growth], check=True,
            stdout=subprocess.PIPE,
            env=dict(os.environ, PYMALLOC_HOST="retain=%d" % retain))
        assert int(done.stdout) < 1500, "KiB more"


POOL = """
import pymalloc_host
class Thing:
    __slots__ = ("a",)
fresh = Thing()
pool = pymalloc_host.pool_of(fresh)
assert pool.owner == "pymalloc_host", pool
assert pool.offset <= id(fresh) - pool.address < pool.offset + pool.size
assert pool.maxnextoffset == 16384 - pool.size
assert 0 < pool.ref_count and pool.size == 16 * (pool.szidx + 1)
count = pool.ref_count
kept = [Thing() for _ in range(5)]
others = map(pymalloc_host.pool_of, kept)
assert any(other.address != pool.address or other.ref_count > count
           for other in others)
assert pymalloc_host.pool_of(None) is None
assert pymalloc_host.pool_of(int) is None
assert pymalloc_host.pool_of(bytes(5000)) is None
"""


@both_ways
def test_the_pool_of_an_object_on_the_heap(way):
    passes(way, POOL)


def test_the_pool_of_an_object_on_cpythons_own_allocator():
    passes("module", """
import pymalloc_host, os
older = os.environ._data
pool = pymalloc_host.pool_of(older)
assert pool.owner == "cpython", pool
assert pool.offset <= id(older) - pool.address < pool.offset + pool.size
""")


def test_install_says_what_is_wrong():
    passes("module", """
import pymalloc_host
def error_of(*arguments):
    try:
        pymalloc_host.install(*arguments)
    except Exception as error:
        return "%s: %s" % (type(error).__name__, error)
assert error_of() == "RuntimeError: a heap hosts this process already"
assert error_of("2.5") == "ValueError: no profile '2.5'"
assert error_of("3.6") == ("ValueError: profile '3.6' aligns blocks to 8 "
                           "bytes; this CPython needs 16")
assert error_of("3.11", -1) == "ValueError: cannot retain -1 bytes"
""")


@pytest.mark.parametrize("arguments, why", [
    (["--foo", "-c", "pass"], "unknown option '--foo'"),
    (["--profile"], "--profile needs a value"),
    (["--profile", "2.5", "-c", "pass"], "no profile '2.5'"),
    (["-c"], "-c needs an argument"),
    ([], "no PROGRAM given"),
])
def test_the_command_says_what_is_wrong(arguments, why):
    done = subprocess.run(
        [sys.executable, "-m", "pymalloc_host", *arguments],
        env=dict(os.environ, PYTHONPATH="%s:%s" % (
            ROOT / "bindings/python", BUILD)),
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == "pymalloc_host: %s (see --help)\n" % why


def test_children_are_hosted_too(tmp_path):
    ended = run("runner", """
import os, subprocess, sys
os.environ["PYMALLOC_HOST"] = "count,report=%s"
subprocess.run([sys.executable, "-c", "pass"], check=True)
""" % (tmp_path / "reports"))
    assert ended.code == 0, ended.errors
    assert LEFT.match((tmp_path / "reports").read_text())
