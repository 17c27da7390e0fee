"""A program of many kinds of requests, which script/fidelity compares.

It imports modules, parses and compiles sources, reads and writes JSON and
pickles, and uses regular expressions, classes, reference cycles, decimal
numbers and threads. It also allocates and frees many blocks in waves, so that
whole arenas are released, and resizes a string many times. The recording has
the start-up of CPython, too.
"""
import ast
import collections
import decimal
import gc
import io
import json
import pickle
import random
import re
import threading

random.seed(1)


def documents():
    rows = [{"id": i, "name": "row %d" % i, "tags": list("abc") * (i % 4),
             "value": i * 1.5, "nested": {"k": [i, None, True]}}
            for i in range(4000)]
    assert json.loads(json.dumps(rows)) == rows
    assert pickle.loads(pickle.dumps(rows)) == rows


def sources():
    for module in (ast, collections, json, re, threading):
        for path in (module.__file__,):
            with io.open(path, encoding="utf-8") as file:
                tree = ast.parse(file.read())
            compile(tree, path, "exec")
            ast.dump(tree)


class Node:
    def __init__(self, parent):
        self.parent = parent
        self.children = []
        if parent is not None:
            parent.children.append(self)


def cycles():
    for _ in range(5):
        nodes = [Node(None)]
        for _ in range(15000):
            nodes.append(Node(random.choice(nodes)))
        del nodes
        gc.collect()


def waves():
    for size in (24, 90, 200, 400, 500):
        survivors = []
        for wave in range(3):
            blocks = [bytes(size + i % 13) for i in range(40000)]
            random.shuffle(blocks)
            survivors.append(blocks[:wave])
            while blocks:
                blocks.pop()


def strings():
    text = ""
    pieces = []
    for i in range(60000):
        text += chr(97 + i % 26)
        pieces.append(text[-(i % 300):])
        if i % 500 == 0:
            pieces.clear()
    words = re.findall("[a-m]+", text)
    assert len(set(words)) == 1
    return collections.Counter(text)


def numbers():
    decimal.getcontext().prec = 50
    total = decimal.Decimal(0)
    for i in range(1, 20000):
        total += decimal.Decimal(1) / i
    return [x ** 3 for x in range(10 ** 9, 10 ** 9 + 20000)]


def threads():
    def work(seed):
        own = random.Random(seed)
        kept = {}
        for i in range(20000):
            kept[own.randrange(500)] = "x" * own.randrange(600)
    workers = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def queue():
    window = collections.deque()
    for i in range(200000):
        window.append((i, str(i)))
        if len(window) > 30000:
            window.popleft()


for _ in range(1):
    for part in (documents, sources, cycles, waves, strings, numbers, threads,
                 queue):
        part()
