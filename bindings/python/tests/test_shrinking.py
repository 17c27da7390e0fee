"""test_machine.py detects a changed rule and prints a short trace of it."""

import os
import re
import subprocess
import sys

import pytest


def run(*command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, **more)


@pytest.mark.parametrize("mutation, length", [("three_quarters", 3),
                                              ("zero_is_small", 1)])
def test_finds_a_changed_rule(mutation, length, root, build, tmp_path):
    made = run(root / "script/mutations", "--build", tmp_path, mutation)
    assert made.returncode == 0, made.stdout
    found = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                root / "bindings/python/tests/test_machine.py",
                env=dict(os.environ, PYMALLOC_MODULES="%s:%s" % (tmp_path,
                                                                 build)))
    assert found.returncode == 1, found.stdout
    trace = re.findall(r"# pymalloc trace 1\n(?:E +)?(.*?)\nE +# end",
                       found.stdout, re.S)[-1]
    lines = re.sub(r"(?m)^E +", "", trace).splitlines()
    assert 1 <= len(lines) <= length, found.stdout
    (tmp_path / "short.trace").write_text("\n".join(lines) + "\n")
    replayed = run(root / "script/pymalloc", "replay", "--placements",
                   tmp_path / "short.trace")
    assert replayed.returncode == 0, replayed.stdout
    assert len(replayed.stdout.splitlines()) == len(lines)
