"""python3 -m pymalloc_host [--count] [--report] [--profile P] PROGRAM args...

PROGRAM is a script, -m MODULE or -c CODE, as for python3.

    --count    count requests, and fail if there was not one
    --report   say at the end what is left of the heap, on stderr
"""

import runpy
import sys

import pymalloc_host


def options(arguments):
    chosen = {"count": False, "report": False, "profile": "3.11"}
    while arguments and arguments[0].startswith("--"):
        name = arguments.pop(0)[2:]
        if name == "profile" and arguments:
            chosen[name] = arguments.pop(0)
        elif name in ("count", "report"):
            chosen[name] = True
        else:
            sys.exit(__doc__)
    if not arguments or arguments[0] in ("-h", "-m", "-c")[:1] or (
            arguments[0] in ("-m", "-c") and len(arguments) < 2):
        sys.exit(__doc__)
    return chosen


def run(arguments):
    program = arguments.pop(0)
    if program == "-c":
        code = arguments.pop(0)
        sys.argv = ["-c"] + arguments
        sys.path[0] = ""
        runpy_globals = sys.modules["__main__"].__dict__
        exec(compile(code, "<string>", "exec"), runpy_globals)
    elif program == "-m":
        module = arguments.pop(0)
        sys.argv = [module] + arguments
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    else:
        sys.argv = [program] + arguments
        sys.path[0] = program.rpartition("/")[0]
        runpy.run_path(program, run_name="__main__")


def main():
    arguments = sys.argv[1:]
    chosen = options(arguments)
    if chosen["report"]:
        pymalloc_host.report_at_exit()
    pymalloc_host.install(chosen["profile"], count=chosen["count"])
    try:
        run(arguments)
    finally:
        if chosen["count"] and not any(pymalloc_host.counts().values()):
            raise RuntimeError("not one request was hosted")


main()
