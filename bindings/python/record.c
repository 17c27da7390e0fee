/*
** pymalloc-record OUT [ARGUMENTS OF python3]: runs CPython and records every
** request of its object and memory domains to its own allocator, with the place
** of each block, from before the interpreter starts until after it ends. "-" is
** standard output.
**
** The record is a trace that can be replayed. Comments behind each request tell
** what CPython did:
**
**   a 17 56                malloc, as in any trace
**   #+                     it obtained an arena
**   #- 3                   it released the arena of slot 3
**   #= 0:4096:48           the result: arena, pool, offset; L (large); NULL
**   d                      a mark; the lines behind it have the pools' headers:
**   #: pool 0:0 ...        the header of one pool
**   s                      a mark; the lines behind it have the report:
**   #| text                one line of the report
**
** PYMALLOC_RECORD_MARKS is the number of requests from one mark to the next.
*/
#include <Python.h>

#include "base/idmap.h"
#include "real.h"
#include "trace/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio_ext.h>
#include <stdlib.h>

static struct recorder {
  struct real real;
  struct idmap ids; /* address -> id, in the place of the bytes */
  uint64_t *free_ids;
  size_t free_count, free_capacity;
  uint64_t last_id, requests, marks_every;
  FILE *file;                      /* NULL: not recording */
  PyMemAllocatorEx object, memory; /* CPython's own */
} recorder;

static void fail(const char *what)
{
  fprintf(stderr, "pymalloc-record: %s: %s\n", what, strerror(errno));
  _exit(3);
}

/*
** {==================================================================
** Ids: small numbers, used again, the last one freed first
** ===================================================================
*/

static uint64_t new_id(void)
{
  if (recorder.free_count > 0)
    return recorder.free_ids[--recorder.free_count];
  return ++recorder.last_id;
}

static void drop_id(uint64_t id)
{
  if (recorder.free_count == recorder.free_capacity) {
    recorder.free_capacity = 2 * recorder.free_capacity + 1024;
    recorder.free_ids =
        realloc(recorder.free_ids, recorder.free_capacity * sizeof(uint64_t));
    if (recorder.free_ids == NULL)
      fail("ids");
  }
  recorder.free_ids[recorder.free_count++] = id;
}

static void name_block(const void *address, uint64_t id)
{
  if (!idmap_add(&recorder.ids, (uintptr_t)address, NULL, id))
    fail("ids");
}

/* Removes a block. Returns its id; 0: it was allocated before the recording. */
static uint64_t forget_block(const void *address)
{
  struct idmap_entry *entry = idmap_find(&recorder.ids, (uintptr_t)address);
  if (entry == NULL)
    return 0;
  uint64_t id = entry->bytes;
  idmap_remove(&recorder.ids, entry);
  return id;
}

/* }================================================================== */

/*
** {==================================================================
** The lines of the record
** ===================================================================
*/

static void write_place(const void *address)
{
  pym_location place;
  if (address == NULL)
    fputs("#= NULL\n", recorder.file);
  else if (arenas_locate(&recorder.real.arenas, address, &place))
    fprintf(recorder.file, "#= %zu:%zu:%zu\n", place.arena, place.pool,
            place.offset);
  else
    fputs("#= L\n", recorder.file);
}

static void arena_obtained(void *context)
{
  (void)context;
  if (recorder.file != NULL)
    fputs("#+\n", recorder.file);
}

static void arena_released(void *context, size_t slot)
{
  (void)context;
  if (recorder.file != NULL)
    fprintf(recorder.file, "#- %zu\n", slot);
}

static void write_op(struct trace_op op)
{
  char line[TRACE_LINE_BYTES];
  (void)fwrite(line, 1, trace_op_format(&op, line), recorder.file);
}

/* A pym_write that writes a prefix in front of each line. */
struct prefixed {
  const char *prefix;
  bool is_inside_line;
};

static bool write_prefixed(void *context, const char *text, size_t bytes)
{
  struct prefixed *lines = context;
  for (size_t i = 0; i < bytes; i++) {
    if (!lines->is_inside_line)
      fputs(lines->prefix, recorder.file);
    fputc(text[i], recorder.file);
    lines->is_inside_line = text[i] != '\n';
  }
  return true;
}

static void write_headers(void)
{
  struct writer writer;
  struct prefixed lines = {.prefix = "#: "};
  write_op((struct trace_op){.letter = TRACE_DUMP});
  writer_open(&writer, write_prefixed, &lines);
  (void)real_headers(&recorder.real, &writer);
  (void)writer_close(&writer);
}

/* CPython reports only if nothing stands in front of its allocator. */
static void write_report(void)
{
  struct writer writer;
  struct prefixed lines = {.prefix = "#|"};
  PyMemAllocatorEx object;
  PyMem_GetAllocator(PYMEM_DOMAIN_OBJ, &object);
  PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &recorder.object);
  write_op((struct trace_op){.letter = TRACE_REPORT});
  writer_open(&writer, write_prefixed, &lines);
  if (!real_report(&writer, false))
    fail("report");
  (void)writer_close(&writer);
  PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &object);
}

static void mark(void)
{
  write_headers();
  write_report();
}

/* Counts a finished request, and makes a mark if one is due. */
static void done(void)
{
  recorder.requests++;
  if (recorder.real.rings == 0)
    real_learn(&recorder.real);
  if (recorder.requests % recorder.marks_every == 0)
    mark();
}

/* }================================================================== */

/*
** {==================================================================
** The recorder in front of CPython's allocator
** ===================================================================
*/

static bool is_recording(void)
{
  return recorder.file != NULL;
}

/* Records a request for a new block, served or refused. */
static void *fresh(void *address, uint64_t id)
{
  write_place(address);
  if (address != NULL)
    name_block(address, id);
  else
    drop_id(id);
  done();
  return address;
}

static void *record_malloc(void *context, size_t bytes)
{
  PyMemAllocatorEx *own = context;
  if (!is_recording())
    return own->malloc(own->ctx, bytes);
  uint64_t id = new_id();
  write_op((struct trace_op){.letter = TRACE_MALLOC, .id = id, .bytes = bytes});
  return fresh(own->malloc(own->ctx, bytes), id);
}

static void *record_calloc(void *context, size_t count, size_t bytes)
{
  PyMemAllocatorEx *own = context;
  if (!is_recording())
    return own->calloc(own->ctx, count, bytes);
  uint64_t id = new_id();
  write_op((struct trace_op){
      .letter = TRACE_CALLOC, .id = id, .count = count, .bytes = bytes});
  return fresh(own->calloc(own->ctx, count, bytes), id);
}

static void *record_realloc(void *context, void *old, size_t bytes)
{
  PyMemAllocatorEx *own = context;
  if (!is_recording())
    return own->realloc(own->ctx, old, bytes);
  uint64_t id = old == NULL ? new_id() : forget_block(old);
  if (id == 0)
    fail("realloc of a block that was never allocated");
  write_op(
      (struct trace_op){.letter = TRACE_REALLOC, .id = id, .bytes = bytes});
  void *resized = own->realloc(own->ctx, old, bytes);
  if (old == NULL || resized != NULL)
    return fresh(resized, id);
  name_block(old, id); /* refused: the block is unchanged */
  write_place(NULL);
  done();
  return NULL;
}

static void record_free(void *context, void *freed)
{
  PyMemAllocatorEx *own = context;
  uint64_t id = 0;
  if (is_recording() && freed != NULL) {
    id = forget_block(freed);
    if (id == 0)
      fail("free of a block that was never allocated");
    write_op((struct trace_op){.letter = TRACE_FREE, .id = id});
  }
  own->free(own->ctx, freed);
  if (id == 0)
    return;
  drop_id(id);
  done();
}

static void stand_before(PyMemAllocatorDomain domain, PyMemAllocatorEx *own)
{
  PyMem_GetAllocator(domain, own);
  PyMem_SetAllocator(domain, &(PyMemAllocatorEx){.ctx = own,
                                                 .malloc = record_malloc,
                                                 .calloc = record_calloc,
                                                 .realloc = record_realloc,
                                                 .free = record_free});
}

/* }================================================================== */

/*
** {==================================================================
** The run
** ===================================================================
*/

/* A forked child is not recorded: it would write into the same record. */
static void in_child(void)
{
  if (recorder.file != NULL)
    __fpurge(recorder.file);
  recorder.file = NULL;
}

static void finish(void)
{
  if (recorder.file == NULL)
    return;
  mark();
  if (fflush(recorder.file) != 0)
    fail("writing");
  recorder.file = NULL;
  fprintf(stderr,
          "pymalloc-record: %" PRIu64 " requests, %zu arenas "
          "obtained, %zu released, %zu exchanged\n",
          recorder.requests, recorder.real.arenas.obtained,
          recorder.real.arenas.released, recorder.real.arenas.exchanged);
}

static void open_file(const char *path)
{
  bool is_stdout = strcmp(path, "-") == 0;
  recorder.file = is_stdout ? fdopen(dup(1), "w") : fopen(path, "w");
  if (recorder.file == NULL)
    fail(path);
  if (is_stdout) /* so the program prints to stderr */
    (void)dup2(2, 1);
  setvbuf(recorder.file, NULL, _IOFBF, 1 << 20);
}

static uint64_t marks_every(void)
{
  const char *text = getenv("PYMALLOC_RECORD_MARKS");
  uint64_t every = text == NULL ? 0 : strtoull(text, NULL, 10);
  return every == 0 ? 250000 : every;
}

static void write_head(void)
{
  fprintf(recorder.file, TRACE_HEAD "\n#@ CPython %s offset=%zu\n", PY_VERSION,
          recorder.real.arenas.offset);
}

int main(int argc, char **argv)
{
  if (argc < 2) {
    fputs("usage: pymalloc-record OUT [ARGUMENTS OF python3]\n", stderr);
    return 2;
  }
  (void)unsetenv("PYTHONMALLOC"); /* it selects an allocator */
  recorder.marks_every = marks_every();
  if (!idmap_open(&recorder.ids))
    fail("ids");
  if (real_open(&recorder.real, SIZE_MAX) != REAL_OPEN)
    fail("CPython's allocator");
  open_file(argv[1]);
  recorder.real.arenas.watch = (struct arenas_watch){
      .obtained = arena_obtained, .released = arena_released};
  if (pthread_atfork(NULL, NULL, in_child) != 0 || atexit(finish) != 0)
    fail("handlers");
  write_head();
  stand_before(PYMEM_DOMAIN_OBJ, &recorder.object);
  stand_before(PYMEM_DOMAIN_MEM, &recorder.memory);
  argv[1] = argv[0];
  return Py_BytesMain(argc - 1, argv + 1);
}
