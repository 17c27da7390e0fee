"""coverage.py JSON: compares the marks GCOVR_EXCL_BR_START and _STOP in the
sources with the branches that gcovr counted without regard to them. Prints
each branch that is not taken and has no mark, each mark without a reason or
without its other mark, and each pair of marks between which all branches are
taken. Called by script/coverage.
"""
import json
import re
import sys


def untaken_lines(file):
    return {
        line["line_number"]
        for line in file["lines"]
        if any(branch["count"] == 0 for branch in line["branches"])
    }


def marks(text):
    """The pairs of marks: first line, last line, whether there is a reason. A
    mark without its other mark is a pair without a last line.
    """
    start = None
    for number, line in enumerate(text, 1):
        mark = re.search(r"GCOVR_EXCL_BR_START(: *\w)?", line)
        if mark:
            if start:
                yield start[0], None, start[1]
            start = number, bool(mark[1])
        elif "GCOVR_EXCL_BR_STOP" in line:
            yield (start[0], number, start[1]) if start else (number, None, True)
            start = None
    if start:
        yield start[0], None, start[1]


def faults(path, untaken):
    with open(path, encoding="utf-8") as source:
        text = source.read().split("\n")
    unmarked = set(untaken)
    for first, last, has_reason in marks(text):
        inside = {number for number in untaken if first < number < (last or 0)}
        unmarked -= inside
        if not has_reason:
            yield first, "no reason"
        if not last:
            yield first, "a mark without its other mark"
        elif not inside:
            yield first, "all branches are taken: the mark is out of date"
    for number in unmarked:
        yield number, "not taken, no mark: " + text[number - 1].strip()


found = [
    f"{file['file']}:{number}: {fault}"
    for file in json.load(open(sys.argv[1], encoding="utf-8"))["files"]
    for number, fault in sorted(faults(file["file"], untaken_lines(file)))
]
print("\n".join(found))
sys.exit(bool(found))
