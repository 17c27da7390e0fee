"""Scripts that allocate much, measured by script/host-speed.

"bench.py NAME" runs one of them, "bench.py" lists their names. A run prints
the seconds of processor time of the script, the resident KiB of the process at
the peak, and the number of page faults of the script.
"""
import collections
import json
import random
import resource
import sys
import time


def binary_trees():
    def make(depth):
        return (make(depth - 1), make(depth - 1)) if depth else (None, None)
    for _ in range(12):
        make(15)


class Point:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z


def points():
    for _ in range(12):
        kept = [Point(i, i + 0.5, str(i)) for i in range(60000)]
        kept.sort(key=lambda point: point.z)


def strings():
    for _ in range(6):
        words = ["%d-%s" % (i, "x" * (i % 90)) for i in range(80000)]
        " ".join(words).split("-")
        {word.upper() for word in words}


def dictionaries():
    for _ in range(8):
        rows = [{"id": i, "name": str(i), "tags": [i, i + 1]}
                for i in range(25000)]
        [dict(row, more=1) for row in rows]


def queue():
    window = collections.deque()
    for i in range(1200000):
        window.append((i, i * 2.5))
        if len(window) > 50000:
            window.popleft()


def documents():
    rows = [{"id": i, "value": i * 1.5, "list": [i, None, "text %d" % i]}
            for i in range(8000)]
    text = json.dumps(rows)
    for _ in range(14):
        json.loads(text)


def shuffled():
    rng = random.Random(1)
    for _ in range(5):
        kept = [bytes(rng.randrange(20, 500)) for _ in range(60000)]
        rng.shuffle(kept)
        while kept:
            kept.pop()


def big_integers():
    value = 3 ** 50
    for _ in range(8):
        [value + i * value for i in range(160000)]


class Node:
    def __init__(self, value):
        self.value = value
        self.next = None


def linked():
    for _ in range(8):
        head = None
        for i in range(50000):
            node = Node(i)
            node.next = head
            head = node
        while head is not None:
            head = head.next


def closures():
    def adder(n):
        return lambda x: x + n
    for _ in range(10):
        functions = [adder(i) for i in range(60000)]
        sum(function(1) for function in functions)


SCRIPTS = {function.__name__: function for function in (
    binary_trees, points, strings, dictionaries, queue, documents, shuffled,
    big_integers, linked, closures)}


def main():
    if len(sys.argv) != 2:
        print("\n".join(SCRIPTS))
        return
    clock = getattr(time, "process_time", None) or time.clock  # 2.7
    start = clock()
    before = resource.getrusage(resource.RUSAGE_SELF)
    SCRIPTS[sys.argv[1]]()
    seconds = clock() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    print("%.4f %d %d" % (seconds, after.ru_maxrss,
                          after.ru_minflt - before.ru_minflt))


main()
