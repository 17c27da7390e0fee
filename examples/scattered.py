"""Makes 400,000 objects, or as many as its argument says, and keeps 1 % of them.

The kept ones are scattered over all arenas. 'pymalloc pins' names the line that
makes them:

    pymalloc record --python --where -o scattered.trace -- examples/scattered.py
    pymalloc pins --at dropped scattered.trace
"""

import ctypes
import sys

# Does nothing where the program is not recorded.
mark = getattr(ctypes.CDLL(None), "pymalloc_mark", lambda text: None)


class Request:
    __slots__ = ("number", "answer")

    def __init__(self, number):
        self.number = number
        self.answer = None


class Log:
    def __init__(self):
        self.entries = []

    def note(self, request):
        self.entries.append("request %d" % request.number)


def serve(count, log):
    requests = []
    for number in range(count):
        request = Request(number)
        requests.append(request)
        if number % 100 == 0:
            log.note(request)
    return requests


log = Log()
mark(b"serve")
requests = serve(int(sys.argv[1]) if len(sys.argv) > 1 else 400000, log)
mark(b"drop")
requests.clear()
mark(b"dropped")
