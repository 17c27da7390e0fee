"""Hosts CPython: a heap of this library serves the requests for its objects.

    python3 -m pymalloc_host script.py args...

or, in a program, as early as possible:

    import pymalloc_host
    pymalloc_host.install()

From then on a heap serves the object and memory domains of this process. A
block that existed before is still freed by the allocator that it came from.
The heap lasts as long as the process; it cannot be uninstalled.
"""

import struct
import tracemalloc

import _pymalloc_host as _core

__all__ = ["Pool", "check", "counts", "debugmallocstats", "install",
           "is_serving", "pool_of", "report_at_exit", "stats"]

check = _core.check
counts = _core.counts
debugmallocstats = _core.debugmallocstats
is_serving = _core.is_serving
report_at_exit = _core.report_at_exit
stats = _core.stats


def install(profile=None, retain_bytes=None, count=False):
    """Hosts this process from now on.

    profile       geometry and release rule: a profile from "3.8" to "3.11", or
                  a version of CPython that has one of them; None is "3.11"
                  with arenas of 64 KiB, which are released sooner
    retain_bytes  how many bytes of released arenas keep their pages; None is
                  16 MiB
    count         count all requests: see counts()

    Raises ValueError if there is no such profile, if it aligns blocks to fewer
    than 16 bytes, or if retain_bytes is negative; RuntimeError if a heap hosts
    this process already, or cannot: then nothing is changed.

    Debug hooks that are active are installed around the heap. When tracemalloc
    stops, it restores the allocator that was active when it started. Therefore
    install stops it and starts it again; what it has traced is lost.
    """
    frames = tracemalloc.get_traceback_limit()
    is_tracing = tracemalloc.is_tracing()
    if is_tracing:
        tracemalloc.stop()
    try:
        _core.install(profile, retain_bytes, count)
    finally:
        if is_tracing:
            tracemalloc.start(frames)


class Pool:
    """A copy of the header of a pool.

    owner          "pymalloc_host" or "cpython": the allocator of the pool
    address        of the pool
    size           bytes of a block of its class
    offset         of the object's block from the address of the pool, in bytes
    freeblock      offset of the first free block, or None
    state          "empty", "used" or "full"
    ref_count, nextpool, prevpool, arenaindex, szidx, nextoffset,
    maxnextoffset  the fields of CPython's pool_header
    """

    __slots__ = ("owner", "address", "size", "offset", "ref_count",
                 "freeblock", "nextpool", "prevpool", "arenaindex", "szidx",
                 "nextoffset", "maxnextoffset")

    def __init__(self, is_ours, address, size, offset, header):
        (self.ref_count, freeblock, self.nextpool, self.prevpool,
         self.arenaindex, self.szidx, self.nextoffset,
         self.maxnextoffset) = struct.unpack("<IxxxxQQQIIII", header)
        self.owner = "pymalloc_host" if is_ours else "cpython"
        self.address = address
        self.size = size
        self.offset = offset
        self.freeblock = freeblock - address if freeblock else None

    @property
    def state(self):
        if self.ref_count == 0:
            return "empty"
        return "full" if self.freeblock is None else "used"

    def __repr__(self):
        return ("<Pool of %s at %#x: %s, class %d of %d bytes, %d live, block "
                "at %d>" % (self.owner, self.address, self.state, self.szidx,
                            self.size, self.ref_count, self.offset))


def pool_of(obj):
    """Returns the Pool of an object, of the heap or of CPython's allocator.

    Returns None if the object is in no pool: it is static, or its block is
    larger than 512 bytes.
    """
    found = _core.pool_at(id(obj))
    return None if found is None else Pool(*found)
