#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "hostmodule.h"

#include <stdlib.h>

#include "host.h"
#include "exit_report.h"
#include "lookup.h"

/*
** {==================================================================
** Installing
** ===================================================================
*/

/*
** Takes the geometry of a profile, unless 'name' is NULL. Returns false with an
** exception set.
*/
static bool read_profile(const char *name, pym_options *options)
{
  if (name == NULL)
    return true;
  const pym_profile *profile = pym_profile_find(name);
  if (profile == NULL) {
    PyErr_Format(PyExc_ValueError, "no profile '%s'", name);
    return false;
  }
  if (profile->geometry.alignment < HOST_ALIGNMENT) {
    PyErr_Format(PyExc_ValueError,
                 "profile '%s' aligns blocks to %zu bytes; this CPython "
                 "needs %u",
                 name, profile->geometry.alignment, HOST_ALIGNMENT);
    return false;
  }
  options->geometry = profile->geometry;
  return true;
}

/*
** Takes the bytes to retain, unless None. Returns false with an exception set.
*/
static bool read_retain(PyObject *given, pym_options *options)
{
  if (given == Py_None)
    return true;
  Py_ssize_t bytes = PyNumber_AsSsize_t(given, PyExc_OverflowError);
  if (bytes == -1 && PyErr_Occurred())
    return false;
  if (bytes < 0) {
    PyErr_Format(PyExc_ValueError, "cannot retain %zd bytes", bytes);
    return false;
  }
  options->retain_bytes = (size_t)bytes;
  return true;
}

/* install(profile or None, retain_bytes or None, is_counting) */
static PyObject *module_install(PyObject *module, PyObject *arguments)
{
  const char *profile;
  PyObject *retain;
  int is_counting;
  pym_options options = host_options();
  (void)module;
  if (!PyArg_ParseTuple(arguments, "zOp", &profile, &retain, &is_counting) ||
      !read_profile(profile, &options) || !read_retain(retain, &options))
    return NULL;
  const char *why = host_install(options, is_counting);
  if (why != NULL)
    return PyErr_Format(PyExc_RuntimeError, "%s", why);
  Py_RETURN_NONE;
}

static PyObject *module_is_serving(PyObject *module, PyObject *unused)
{
  (void)module;
  (void)unused;
  return PyBool_FromLong(host_is_serving());
}

static PyObject *module_counts(PyObject *module, PyObject *unused)
{
  const struct host_counts *counts = host_counts();
  (void)module;
  (void)unused;
  if (counts == NULL)
    Py_RETURN_NONE;
  return Py_BuildValue("{sKsKsKsK}", "mallocs",
                       (unsigned long long)counts->mallocs, "callocs",
                       (unsigned long long)counts->callocs, "reallocs",
                       (unsigned long long)counts->reallocs, "frees",
                       (unsigned long long)counts->frees);
}

/* }================================================================== */

static PyObject *module_report_at_exit(PyObject *module, PyObject *unused)
{
  (void)module;
  (void)unused;
  exit_report_register(NULL);
  Py_RETURN_NONE;
}

/*
** {==================================================================
** Looking at the heap
** ===================================================================
*/

/* The heap, or NULL with an exception set. */
static pym_heap *installed(void)
{
  if (host_heap() == NULL)
    PyErr_SetString(PyExc_RuntimeError, "nothing is hosted: call install()");
  return host_heap();
}

static PyObject *module_stats(PyObject *module, PyObject *unused)
{
  pym_stats stats;
  (void)module;
  (void)unused;
  if (installed() == NULL)
    return NULL;
  pym_heap_stats(host_heap(), &stats, NULL);
  return Py_BuildValue("{snsnsnsnsnsnsnsn}", "arenas_allocated_total",
                       (Py_ssize_t)stats.arenas_allocated_total,
                       "arenas_current", (Py_ssize_t)stats.arenas_current,
                       "arenas_highwater", (Py_ssize_t)stats.arenas_highwater,
                       "live_blocks", (Py_ssize_t)host_live_blocks(),
                       "allocated_bytes", (Py_ssize_t)stats.allocated_bytes,
                       "available_bytes", (Py_ssize_t)stats.available_bytes,
                       "arena_bytes", (Py_ssize_t)stats.arena_bytes,
                       "retained_bytes", (Py_ssize_t)stats.retained_bytes);
}

struct text {
  char *bytes;
  size_t count;
};

static bool gather(void *context, const char *piece, size_t bytes)
{
  struct text *text = context;
  char *grown = realloc(text->bytes, text->count + bytes);
  if (grown == NULL)
    return false;
  memcpy(grown + text->count, piece, bytes);
  text->bytes = grown;
  text->count += bytes;
  return true;
}

static PyObject *module_debugmallocstats(PyObject *module, PyObject *unused)
{
  struct text text = {0};
  PyObject *string = NULL;
  (void)module;
  (void)unused;
  if (installed() == NULL)
    return NULL;
  if (pym_report(host_heap(), true, gather, &text))
    string = PyUnicode_FromStringAndSize(text.bytes, (Py_ssize_t)text.count);
  else
    PyErr_NoMemory();
  free(text.bytes);
  return string;
}

static PyObject *module_check(PyObject *module, PyObject *unused)
{
  pym_fault fault;
  (void)module;
  (void)unused;
  if (installed() == NULL)
    return NULL;
  if (!pym_check(host_heap(), &fault))
    return PyErr_Format(PyExc_AssertionError, "[%s] %s", fault.invariant,
                        fault.text);
  Py_RETURN_TRUE;
}

/*
** pool_at(address): (is it the heap's, address of the pool, block bytes,
** offset of the block, the header's 48 bytes), or None.
*/
static PyObject *module_pool_at(PyObject *module, PyObject *argument)
{
  struct lookup lookup;
  const void *address = PyLong_AsVoidPtr(argument);
  (void)module;
  if (address == NULL && PyErr_Occurred())
    return NULL;
  if (!lookup_pool(host_heap(), address, &lookup))
    Py_RETURN_NONE;
  return Py_BuildValue(
      "(NKnny#)", PyBool_FromLong(lookup.is_ours),
      (unsigned long long)(uintptr_t)lookup.pool,
      (Py_ssize_t)lookup.block_bytes, (Py_ssize_t)lookup.block_offset,
      (const char *)&lookup.header, (Py_ssize_t)sizeof lookup.header);
}

/* }================================================================== */

PyDoc_STRVAR(is_serving_doc,
             "is_serving() -> bool\n\n"
             "Does the heap serve the object domain of this process now?");

PyDoc_STRVAR(
    counts_doc,
    "counts() -> dict or None\n\n"
    "The numbers of requests that the heap has got: mallocs, callocs,\n"
    "reallocs, frees. None if install was not told to count.");

PyDoc_STRVAR(
    stats_doc,
    "stats() -> dict\n\n"
    "Statistics of the heap. Numbers of arenas: "
    "arenas_allocated_total,\n"
    "arenas_current, arenas_highwater. Number of blocks: live_blocks.\n"
    "In bytes: allocated_bytes (live blocks), available_bytes (free\n"
    "and virgin blocks of pools in use), arena_bytes (all arenas),\n"
    "retained_bytes (released arenas that are still committed). Raises\n"
    "RuntimeError if nothing is hosted.");

PyDoc_STRVAR(
    debugmallocstats_doc,
    "debugmallocstats() -> str\n\n"
    "The report on the heap, in the lines that\n"
    "sys._debugmallocstats() prints about CPython's allocator. Raises\n"
    "RuntimeError if nothing is hosted, MemoryError if there is no\n"
    "memory for the text.");

PyDoc_STRVAR(check_doc,
             "check() -> True\n\n"
             "Checks all invariants of the heap. Raises AssertionError with\n"
             "the name and the description of the first one that is violated,\n"
             "RuntimeError if nothing is hosted.");

PyDoc_STRVAR(report_at_exit_doc,
             "report_at_exit() -> None\n\n"
             "Writes a line about the heap to standard error when the process\n"
             "ends, after CPython was finalized, if a heap is hosted then.");

static PyMethodDef methods[] = {
    {"install", module_install, METH_VARARGS, NULL},
    {"is_serving", module_is_serving, METH_NOARGS, is_serving_doc},
    {"counts", module_counts, METH_NOARGS, counts_doc},
    {"stats", module_stats, METH_NOARGS, stats_doc},
    {"debugmallocstats", module_debugmallocstats, METH_NOARGS,
     debugmallocstats_doc},
    {"check", module_check, METH_NOARGS, check_doc},
    {"pool_at", module_pool_at, METH_O, NULL},
    {"report_at_exit", module_report_at_exit, METH_NOARGS, report_at_exit_doc},
    {NULL, NULL, 0, NULL}};

/* Every interpreter may load it: the heap belongs to the process. */
static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                                        .m_name = "_pymalloc_host",
                                        .m_methods = methods, .m_slots = slots};

PyMODINIT_FUNC PyInit__pymalloc_host(void)
{
  return PyModuleDef_Init(&definition);
}
