#include <stdlib.h>

#include "trace_writer.h"

static void write_line(struct trace_writer *writer, const struct trace_op *op)
{
  char line[TRACE_LINE_BYTES];
  size_t bytes = trace_op_format(op, line);
  writer->has_failed |= fwrite(line, 1, bytes, writer->file) != bytes;
}

static void put(struct trace_writer *writer, struct trace_op op)
{
  op.site = op.letter == TRACE_FREE ? 0 : writer->site;
  writer->requests++;
  write_line(writer, &op);
}

/* The length of a text, as an operation holds it. */
static uint32_t text_bytes(size_t bytes)
{
  return bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
}

uint32_t trace_put_site(struct trace_writer *writer, uint32_t parent,
                        const char *text, size_t bytes)
{
  assert(parent <= writer->sites);
  if (writer->sites == TRACE_SITE_MAX)
    return 0;
  struct trace_op op = {.letter = TRACE_SITE,
                        .site = ++writer->sites,
                        .parent = parent,
                        .text = text,
                        .text_bytes = text_bytes(bytes)};
  write_line(writer, &op);
  return op.site;
}

void trace_put_mark(struct trace_writer *writer, const char *text, size_t bytes)
{
  struct trace_op op = {
      .letter = TRACE_MARK, .text = text, .text_bytes = text_bytes(bytes)};
  write_line(writer, &op);
}

void trace_put_interpreter(struct trace_writer *writer, uint32_t number)
{
  assert(number <= TRACE_INTERPRETER_MAX);
  if (number == writer->interpreter)
    return;
  writer->interpreter = number;
  struct trace_op op = {.letter = TRACE_INTERPRETER, .count = number};
  write_line(writer, &op);
}

void trace_put_offset(struct trace_writer *writer, uint32_t offset)
{
  assert(offset <= TRACE_OFFSET_MAX);
  if (offset == writer->offset && writer->offset_of == writer->interpreter)
    return;
  writer->offset = offset;
  writer->offset_of = writer->interpreter;
  struct trace_op op = {.letter = TRACE_OFFSET, .count = offset};
  write_line(writer, &op);
}

/* A block is freed on the heap of the interpreter that allocated it. */
static void put_free(struct trace_writer *writer, uint64_t id,
                     uint32_t interpreter)
{
  trace_put_interpreter(writer, interpreter);
  put(writer, (struct trace_op){.letter = TRACE_FREE, .id = id});
}

/* Removes a block; also gets the interpreter that allocated it. */
static uint64_t take(struct trace_writer *writer, uint64_t address,
                     uint32_t *interpreter)
{
  struct idmap_entry *entry =
      address == 0 ? NULL : idmap_find(&writer->ids, address);
  if (entry == NULL)
    return 0;
  uint64_t id = entry->bytes;
  *interpreter = (uint32_t)(uintptr_t)entry->block;
  idmap_remove(&writer->ids, entry);
  return id;
}

uint64_t trace_take_id(struct trace_writer *writer, uint64_t address)
{
  uint32_t interpreter;
  return take(writer, address, &interpreter);
}

/* The block that had the address was freed, though no free was recorded. */
static void settle(struct trace_writer *writer, uint64_t address, uint64_t id)
{
  uint32_t own = writer->interpreter, other;
  uint64_t before = take(writer, address, &other);
  if (before != 0) {
    put_free(writer, before, other);
    trace_put_interpreter(writer, own);
    writer->reused++;
  }
  writer->has_failed |=
      !idmap_add(&writer->ids, address, (void *)(uintptr_t)own, id);
}

static uint64_t new_id(struct trace_writer *writer, uint64_t address)
{
  uint64_t id = writer->next_id++;
  settle(writer, address, id);
  return id;
}

uint64_t trace_put_new(struct trace_writer *writer, uint64_t size)
{
  uint64_t id = writer->next_id++;
  put(writer,
      (struct trace_op){.letter = TRACE_MALLOC, .id = id, .bytes = size});
  return id;
}

void trace_put_malloc(struct trace_writer *writer, uint64_t address,
                      uint64_t size)
{
  uint64_t id = new_id(writer, address);
  put(writer,
      (struct trace_op){.letter = TRACE_MALLOC, .id = id, .bytes = size});
}

void trace_put_calloc(struct trace_writer *writer, uint64_t address,
                      uint64_t count, uint64_t size)
{
  uint64_t id = new_id(writer, address);
  put(writer,
      (struct trace_op){
          .letter = TRACE_CALLOC, .id = id, .count = count, .bytes = size});
}

void trace_put_free(struct trace_writer *writer, uint64_t address)
{
  uint32_t interpreter;
  uint64_t id = take(writer, address, &interpreter);
  if (id != 0)
    put_free(writer, id, interpreter);
  else
    writer->unknown_frees++;
}

struct live {
  uint64_t id, address;
};

static int compare_ids(const void *a, const void *b)
{
  const struct live *one = a, *other = b;
  return one->id < other->id ? -1 : one->id > other->id;
}

bool trace_put_free_all(struct trace_writer *writer)
{
  size_t at = 0, count = 0, most = writer->ids.table.count;
  struct live *live = calloc(most + 1, sizeof *live);
  struct idmap_entry *entry;
  if (live == NULL)
    return false;
  while ((entry = idmap_next(&writer->ids, &at)) != NULL) {
    assert(count < most);
    live[count++] = (struct live){entry->bytes, entry->id};
  }
  qsort(live, count, sizeof *live, compare_ids);
  for (size_t i = 0; i < count; i++)
    trace_put_free(writer, live[i].address);
  free(live);
  return true;
}

void trace_put_free_of(struct trace_writer *writer, uint64_t id)
{
  if (id != 0)
    put_free(writer, id, writer->interpreter);
  else
    writer->unknown_frees++;
}

void trace_put_back(struct trace_writer *writer, uint64_t address, uint64_t id)
{
  settle(writer, address, id);
}

void trace_put_realloc(struct trace_writer *writer, uint64_t id,
                       uint64_t address, uint64_t size)
{
  if (id == 0)
    id = writer->next_id++;
  settle(writer, address, id);
  put(writer,
      (struct trace_op){.letter = TRACE_REALLOC, .id = id, .bytes = size});
}
