#include "trace_writer.h"

static void put(struct trace_writer *writer, struct trace_op op)
{
  char line[TRACE_LINE_BYTES];
  size_t bytes = trace_op_format(&op, line);
  writer->requests++;
  writer->has_failed |= fwrite(line, 1, bytes, writer->file) != bytes;
}

static void put_free(struct trace_writer *writer, uint64_t id)
{
  put(writer, (struct trace_op){.letter = TRACE_FREE, .id = id});
}

uint64_t trace_take_id(struct trace_writer *writer, uint64_t address)
{
  struct idmap_entry *entry =
      address == 0 ? NULL : idmap_find(&writer->ids, address);
  uint64_t id = entry == NULL ? 0 : entry->bytes;
  if (entry != NULL)
    idmap_remove(&writer->ids, entry);
  return id;
}

/* The block that had the address was freed, though no free was recorded. */
static void settle(struct trace_writer *writer, uint64_t address, uint64_t id)
{
  uint64_t before = trace_take_id(writer, address);
  if (before != 0)
    put_free(writer, before);
  writer->has_failed |= !idmap_add(&writer->ids, address, NULL, id);
}

static uint64_t new_id(struct trace_writer *writer, uint64_t address)
{
  uint64_t id = writer->next_id++;
  settle(writer, address, id);
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
  uint64_t id = trace_take_id(writer, address);
  if (id != 0)
    put_free(writer, id);
  else
    writer->unknown_frees++;
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
