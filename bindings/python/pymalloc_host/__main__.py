"""usage: python3 -m pymalloc_host [OPTIONS] PROGRAM [ARGUMENTS]

Runs PROGRAM with its objects on a heap of pymalloc. PROGRAM is a script,
-m MODULE or -c CODE, as for python3.

    --count      count requests, and fail if the heap served none
    --report     print at exit, on stderr, how many arenas and blocks are left
    --profile P  geometry and release rule: 3.8, 3.9, 3.10 or 3.11
    --help       print this text
"""

import runpy
import sys

import pymalloc_host


def refuse(why):
    sys.exit("pymalloc_host: %s (see --help)" % why)


def read_options(arguments):
    """Removes the options from the front of the arguments; returns them."""
    chosen = {"--count": False, "--report": False, "--profile": None}
    while arguments and arguments[0].startswith("-"):
        name = arguments[0]
        if name in ("-m", "-c"):
            break
        arguments.pop(0)
        if name in ("-h", "--help"):
            print(__doc__, end="")
            sys.exit()
        if name not in chosen:
            refuse("unknown option '%s'" % name)
        if name == "--profile" and not arguments:
            refuse("--profile needs a value")
        chosen[name] = arguments.pop(0) if name == "--profile" else True
    return chosen


def read_program(arguments):
    """Returns "script", "-m" or "-c", the program, and its arguments."""
    kind = arguments.pop(0) if arguments[:1] in (["-m"], ["-c"]) else "script"
    if not arguments:
        refuse("no PROGRAM given" if kind == "script"
               else "%s needs an argument" % kind)
    return kind, arguments[0], arguments[1:]


def run(kind, program, arguments):
    sys.argv = ["-c" if kind == "-c" else program] + arguments
    if kind == "-c":
        sys.path[0] = ""
        exec(compile(program, "<string>", "exec"),
             sys.modules["__main__"].__dict__)
    elif kind == "-m":
        runpy.run_module(program, run_name="__main__", alter_sys=True)
    else:
        sys.path[0] = program.rpartition("/")[0]
        runpy.run_path(program, run_name="__main__")


def main():
    arguments = sys.argv[1:]
    chosen = read_options(arguments)
    program = read_program(arguments)
    if chosen["--report"]:
        pymalloc_host.report_at_exit()
    try:
        pymalloc_host.install(chosen["--profile"], count=chosen["--count"])
    except ValueError as error:
        refuse(error)
    try:
        run(*program)
    finally:
        if chosen["--count"] and not any(pymalloc_host.counts().values()):
            raise RuntimeError("the heap served no request")


main()
