#include "witness_record.h"

#include "base/digits.h"
#include "trace/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of CPython. */
extern void PyMem_GetAllocator(int domain, struct allocator *allocator)
    __attribute__((weak));
extern void PyMem_SetAllocator(int domain, const struct allocator *allocator)
    __attribute__((weak));

struct record record;

#define THRESHOLD 512u /* of every version from 3.6 on */

void record_fail(const char *what)
{
  fprintf(stderr, "pymalloc.witness: %s: %s\n", what, strerror(errno));
  _exit(3);
}

/*
** {==================================================================
** Ids: small numbers, used again, the last one freed first
** ===================================================================
*/

static uint64_t new_id(void)
{
  if (record.free_count > 0)
    return record.free_ids[--record.free_count];
  return ++record.last_id;
}

static void drop_id(uint64_t id)
{
  if (record.free_count == record.free_capacity) {
    record.free_capacity = 2 * record.free_capacity + 1024;
    record.free_ids =
        realloc(record.free_ids, record.free_capacity * sizeof(uint64_t));
    if (record.free_ids == NULL)
      record_fail("ids");
  }
  record.free_ids[record.free_count++] = id;
}

static void name_block(const void *address, uint64_t id)
{
  if (!idmap_add(&record.ids, (uintptr_t)address, NULL, id))
    record_fail("ids");
}

/* Removes a block. Returns its id; 0: it was allocated before the recording. */
static uint64_t forget_block(const void *address)
{
  struct idmap_entry *entry = idmap_find(&record.ids, (uintptr_t)address);
  if (entry == NULL)
    return 0;
  uint64_t id = entry->bytes;
  idmap_remove(&record.ids, entry);
  return id;
}

/* }================================================================== */

/*
** {==================================================================
** The lines of the record
** ===================================================================
*/

static void write_op(struct trace_op op)
{
  char line[TRACE_LINE_BYTES];
  (void)fwrite_unlocked(line, 1, trace_op_format(&op, line), record.file);
}

/* The line of a request comes before what it does, but behind a line 'o'. */
static void begin(struct trace_op op)
{
  record.op = op;
  record.is_begun = true;
}

static void write_begun(void)
{
  if (record.is_begun)
    write_op(record.op);
  record.is_begun = false;
}

static void write_place(const void *address)
{
  write_begun();
  pym_location place;
  char line[3 * NUMBER_BYTES_MAX + 8] = "#= ", *end = line + 3;
  if (address == NULL || !arenas_locate(&record.real.arenas, address, &place)) {
    (void)fputs_unlocked(address == NULL ? "#= NULL\n" : "#= L\n", record.file);
    return;
  }
  end = put_number(end, place.arena);
  *end++ = ':';
  end = put_number(end, place.pool);
  *end++ = ':';
  end = put_number(end, place.offset);
  *end++ = '\n';
  (void)fwrite_unlocked(line, 1, (size_t)(end - line), record.file);
}

static void arena_obtained(void *context, size_t offset)
{
  (void)context;
  if (record.file == NULL)
    return;
  if (record.real.arenas.is_mixed && offset != record.offset)
    write_op((struct trace_op){.letter = TRACE_OFFSET, .count = offset});
  record.offset = offset;
  write_begun();
  fputs("#+\n", record.file);
}

static void arena_released(void *context, size_t slot)
{
  (void)context;
  if (record.file == NULL)
    return;
  write_begun();
  fprintf(record.file, "#- %zu\n", slot);
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
      (void)fputs_unlocked(lines->prefix, record.file);
    (void)putc_unlocked(text[i], record.file);
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
  (void)real_headers(&record.real, &writer);
  (void)writer_close(&writer);
}

/* CPython reports only if nothing stands in front of its allocator. */
static void with_report(void (*use)(void))
{
  struct allocator object;
  if (!real_has_report())
    return;
  PyMem_GetAllocator(DOMAIN_OBJECT, &object);
  PyMem_SetAllocator(DOMAIN_OBJECT, &record.object);
  use();
  PyMem_SetAllocator(DOMAIN_OBJECT, &object);
}

static void write_report(void)
{
  struct writer writer;
  struct prefixed lines = {.prefix = "#|"};
  write_op((struct trace_op){.letter = TRACE_REPORT});
  writer_open(&writer, write_prefixed, &lines);
  if (!real_report(&writer, POINTER_BYTES == 4)) /* its map has one node */
    record_fail("report");
  (void)writer_close(&writer);
}

void record_mark(bool can_report)
{
  write_headers();
  if (can_report)
    with_report(write_report);
}

/*
** Before the first request. From 3.12 on CPython has no report before.
*/
static void read_report(void)
{
  size_t classes = real_classes();
  if (classes == 0 || real_figure("# arenas allocated total") != 0)
    record_fail("CPython's allocator was used before");
  record.alignment = THRESHOLD / classes;
}

static void write_head(void)
{
  const struct arenas *arenas = &record.real.arenas;
  with_report(read_report);
  fprintf(
      record.file, TRACE_HEAD "\n#@ CPython %s alignment=%zu offset=%zu%s\n",
      record.version, record.alignment, arenas->is_mixed ? 0 : arenas->offset,
      arenas->base == 0 ? "" : " stale");
  record.has_head = true;
}

/* Counts a finished request, and makes a mark if one is due. */
static void done(void)
{
  record.requests++;
  if (record.real.rings == 0)
    real_learn(&record.real);
  if (record.requests % record.marks_every == 0)
    record_mark(true);
}

/* }================================================================== */

/*
** {==================================================================
** The recorder in front of CPython's allocator
** ===================================================================
*/

static bool is_recording(void)
{
  if (record.file != NULL && !record.has_head)
    write_head();
  return record.file != NULL;
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
  const struct allocator *own = context;
  if (!is_recording())
    return own->malloc(own->context, bytes);
  uint64_t id = new_id();
  begin((struct trace_op){.letter = TRACE_MALLOC, .id = id, .bytes = bytes});
  return fresh(own->malloc(own->context, bytes), id);
}

static void *record_calloc(void *context, size_t count, size_t bytes)
{
  const struct allocator *own = context;
  if (!is_recording())
    return own->calloc(own->context, count, bytes);
  uint64_t id = new_id();
  begin((struct trace_op){
      .letter = TRACE_CALLOC, .id = id, .count = count, .bytes = bytes});
  return fresh(own->calloc(own->context, count, bytes), id);
}

static void *record_realloc(void *context, void *old, size_t bytes)
{
  const struct allocator *own = context;
  if (!is_recording())
    return own->realloc(own->context, old, bytes);
  uint64_t id = old == NULL ? new_id() : forget_block(old);
  if (id == 0)
    record_fail("realloc of a block that was never allocated");
  begin((struct trace_op){.letter = TRACE_REALLOC, .id = id, .bytes = bytes});
  void *resized = own->realloc(own->context, old, bytes);
  if (old == NULL || resized != NULL)
    return fresh(resized, id);
  name_block(old, id); /* refused: the block is unchanged */
  write_place(NULL);
  done();
  return NULL;
}

static void record_free(void *context, void *freed)
{
  const struct allocator *own = context;
  uint64_t id = 0;
  if (is_recording() && freed != NULL) {
    id = forget_block(freed);
    if (id == 0)
      record_fail("free of a block that was never allocated");
    begin((struct trace_op){.letter = TRACE_FREE, .id = id});
  }
  own->free(own->context, freed);
  if (id == 0)
    return;
  write_begun();
  drop_id(id);
  done();
}

struct allocator record_front(struct allocator *own)
{
  return (struct allocator){.context = own,
                            .malloc = record_malloc,
                            .calloc = record_calloc,
                            .realloc = record_realloc,
                            .free = record_free};
}

static void stand_before(int domain, struct allocator *own)
{
  PyMem_GetAllocator(domain, own);
  const struct allocator recorder = record_front(own);
  PyMem_SetAllocator(domain, &recorder);
}

void record_requests(void)
{
  record.real.arenas.watch = (struct arenas_watch){.obtained = arena_obtained,
                                                   .released = arena_released};
  if (PyMem_SetAllocator == NULL) /* 2.7? */
    return;
  stand_before(DOMAIN_OBJECT, &record.object);
  stand_before(DOMAIN_MEMORY, &record.memory);
}

/* }================================================================== */
