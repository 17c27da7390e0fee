"""CPython's objects on our allocator.

    python3 -m pymalloc_host script.py args...

or, in a program, as early as possible:

    import pymalloc_host
    pymalloc_host.install()

From then on the object and memory domains of this process are served by a heap
of ours. Blocks that exist already are still freed by who gave them. The heap
lasts as long as the process: there is no uninstall.
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
    """Hosts this process from here on.

    profile       geometry and release rule: "3.8" to "3.11"; None is "3.11"
                  in arenas of 64 KiB, which are given back sooner
    retain_bytes  of released arenas whose pages stay; None is 16 MiB
    count         count every request: see counts()

    Debug hooks that are on are put around the heap. tracemalloc puts back,
    when it stops, what it found when it started: so it is stopped and started
    again here, and what it has traced is lost.
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
    """The header of a pool as it was when it was looked at.

    owner   "pymalloc_host" or "cpython"
    address, arenaindex, szidx, size, ref_count, freeblock, nextpool, prevpool,
    nextoffset, maxnextoffset as in memory; freeblock is an offset or None;
    offset  where in the pool the block of the object begins
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
    """The pool in which an object lies, in CPython's own allocator or in ours.

    None where it lies in neither: it is static, or larger than 512 bytes.
    """
    found = _core.pool_at(id(obj))
    return None if found is None else Pool(*found)
