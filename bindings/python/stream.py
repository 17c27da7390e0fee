"""stream.py LIBRARY LIST: makes the requests of inputs to this CPython's allocator.

LIBRARY is pymalloc/stream.so of the build. LIST is a file with a line for each
input: the path of a file, or "random SEED BYTES" for bytes from a generator.
"""
import ctypes
import os
import random
import sys


def bytes_of(line):
    if line.startswith("random "):
        seed, count = line.split()[1:]
        return bytes(bytearray(map(random.Random(int(seed)).getrandbits, [8] * int(count))))
    with open(line, "rb") as file:
        return file.read()


def main(library, path):
    run = ctypes.PyDLL(library).pymalloc_stream  # with the GIL
    run.argtypes = ctypes.c_char_p, ctypes.c_size_t
    run.restype = ctypes.c_uint64
    with open(path) as lines:
        for line in lines.read().splitlines():
            data = bytes_of(line)
            run(data, len(data))


try:
    main(*sys.argv[1:])
except BaseException:
    sys.excepthook(*sys.exc_info())
    os.abort()  # so that the record has no end
