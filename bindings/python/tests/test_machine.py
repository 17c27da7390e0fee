"""Random lists of requests on CPython's allocator and on a heap.

A state machine of hypothesis makes the lists and shortens a failing one. Each
list runs in a process of its own, which compares the places, headers and
counts of both sides after each request, and checks the invariants of the heap.
A failing list is printed as a trace that 'pymalloc replay' runs.
"""

import os
import subprocess

import hypothesis
from hypothesis import settings, strategies
from hypothesis.stateful import (Bundle, RuleBasedStateMachine, consumes,
                                 invariant, rule)

from conftest import BUILD, ROOT

SMALL = strategies.integers(1, 512)
EDGES = strategies.sampled_from([0, 1, 15, 16, 17, 384, 385, 511, 512, 513,
                                 2 ** 63 - 1])
# Three quarters of a block: at this size or less realloc moves the block.
QUARTERS = strategies.integers(1, 32).map(lambda szidx: 12 * szidx)
SIZES = SMALL | EDGES | QUARTERS | strategies.integers(0, 5000)


def start():
    folders = os.environ.get("PYMALLOC_MODULES", str(BUILD))
    environment = dict(
        os.environ, LUA_PATH="lua/?.lua;lua/?/init.lua;./?.lua;;",
        LUA_CPATH=";".join("%s/?.so" % folder
                           for folder in folders.split(":")) + ";;")
    return subprocess.Popen(
        ["lua5.4", "bindings/python/beside_cpython.lua", "lines", "4096"],
        cwd=ROOT, env=environment, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


class Requests(RuleBasedStateMachine):
    blocks = Bundle("blocks")

    def __init__(self):
        super().__init__()
        self.lines = []
        self.answered = 0
        self.last_id = 0
        self.sides = start()

    def send(self, *words):
        self.lines.append(" ".join(map(str, words)))
        self.sides.stdin.write(self.lines[-1] + "\n")

    def fresh(self):
        self.last_id += 1
        return self.last_id

    @rule(target=blocks, size=SIZES)
    def malloc(self, size):
        self.send("a", self.fresh(), size)
        return [self.last_id]

    @rule(target=blocks, size=SMALL, count=strategies.integers(2, 70))
    def malloc_many(self, size, count):
        ids = [self.fresh() for _ in range(count)]
        for block in ids:
            self.send("a", block, size)
        return ids

    @rule(target=blocks, count=strategies.integers(0, 40),
          size=strategies.integers(0, 40))
    def calloc(self, count, size):
        self.send("c", self.fresh(), count, size)
        return [self.last_id]

    @rule(ids=blocks, size=SIZES)
    def realloc(self, ids, size):
        self.send("r", ids[0], size)

    @rule(target=blocks, szidx=strategies.integers(0, 31),
          more=strategies.integers(-1, 1))
    def shrink_to_three_quarters(self, szidx, more):
        self.send("a", self.fresh(), 16 * (szidx + 1))
        self.send("r", self.last_id, 12 * (szidx + 1) + more)
        return [self.last_id]

    @rule(ids=consumes(blocks))
    def free(self, ids):
        for block in ids:
            self.send("f", block)

    @rule(ids=consumes(blocks))
    def free_backwards(self, ids):
        for block in reversed(ids):
            self.send("f", block)

    @rule(count=strategies.sampled_from([0, 1, -1]))
    def allow_arenas(self, count):
        self.send("x", count)

    @invariant()
    def agrees(self):
        """The process answered each line with "ok"."""
        self.sides.stdin.flush()
        while self.answered < len(self.lines):
            answer = self.sides.stdout.readline()
            self.answered += 1
            if answer != "ok\n":
                self.differ(answer)

    def differ(self, answer):
        self.sides.stdin.close()
        raise AssertionError("%s%s# pymalloc trace 1\n%s\n# end" % (
            answer, self.sides.stdout.read(),
            "\n".join(self.lines[:self.answered])))

    def teardown(self):
        self.sides.stdin.close()
        self.sides.stdout.close()
        self.sides.wait()


Requests.TestCase.settings = settings(
    max_examples=int(os.environ.get("PYMALLOC_EXAMPLES", "60")),
    derandomize="PYMALLOC_RANDOM" not in os.environ,
    stateful_step_count=30, deadline=None, database=None,
    suppress_health_check=list(hypothesis.HealthCheck))

TestRequests = Requests.TestCase
