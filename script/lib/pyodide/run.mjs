// node run.mjs PACKAGE SIDE_MODULE TREE: starts Pyodide of a folder, puts its CPython on a
// heap by the side module (bindings/pyodide/side.c), and runs programs and doctests on it.
// Every invariant of the heap is checked after each. Exits with 1 if one does not hold, if
// a program or a doctest fails, or if nothing was requested.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, side, tree] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(folder, "pyodide.mjs")));
const pyodide = await loadPyodide({ indexURL: folder + "/" });
pyodide.FS.writeFile("/tmp/side.so", readFileSync(side));
pyodide.FS.writeFile("/tmp/bench.py", readFileSync(join(tree, "bindings/python/bench.py")));

const PROGRAM = `
import contextlib, ctypes, doctest, importlib, runpy, sys, sysconfig, types

side = ctypes.CDLL("/tmp/side.so")
side.pymalloc_requests.restype = ctypes.c_double
side.pymalloc_report.restype = ctypes.c_char_p
side.pymalloc_fault.restype = ctypes.c_char_p

print("CPython", sys.version.split()[0], "in WebAssembly, WITH_PYMALLOC",
      sysconfig.get_config_var("WITH_PYMALLOC"))
if side.pymalloc_fault() != b"no heap is installed" or side.pymalloc_report() is not None:
    sys.exit("without a heap, there is something to check")
if not side.pymalloc_install(RESERVE):
    sys.exit("no heap")

def run(name, function):
    before = side.pymalloc_requests()
    said = function()
    fault = side.pymalloc_fault()
    count = int(side.pymalloc_requests() - before)
    print("%-22s %11d requests  %-22s %s" % (name, count, said or "",
          "check passes" if fault is None else fault.decode()))
    if fault is not None or count == 0:
        sys.exit(name + " failed")

def doctests(name):
    found = doctest.testmod(importlib.import_module(name))
    if found.failed or not found.attempted:
        sys.exit("%s: %d of %d doctests failed" % (name, found.failed, found.attempted))
    return "%d doctests" % found.attempted

sys.modules["resource"] = types.ModuleType("resource")  # which Pyodide has not
sys.argv = ["bench.py"]
with contextlib.redirect_stdout(None):  # it prints the names
    programs = runpy.run_path("/tmp/bench.py")["SCRIPTS"]
for name in PROGRAMS:
    run(name, lambda: programs[name]())
for name in MODULES:
    run(name, lambda: doctests(name))

print()
print(side.pymalloc_report().decode())
print("%d requests of CPython: every check passes" % side.pymalloc_requests())
`;

const PROGRAMS = ["binary_trees", "strings", "dictionaries", "queue", "documents", "closures"];
// Those whose doctests pass in Pyodide without a heap, too.
const MODULES = ["difflib", "heapq", "statistics", "collections", "pickle", "pickletools",
  "enum", "http.cookies", "json", "doctest", "typing", "hashlib"];

try {
  pyodide.runPython(PROGRAM.replace("RESERVE", String(128 << 20))
    .replace("PROGRAMS", JSON.stringify(PROGRAMS)).replace("MODULES", JSON.stringify(MODULES)));
} catch (error) {
  console.error(String(error.message).slice(-2000));
  process.exit(1);
}
