#include "trace_writer.h"

static void put(struct trace_writer *writer, char letter, uint64_t id,
                uint64_t size)
{
  writer->requests++;
  writer->has_failed |=
      fprintf(writer->file, "%c %llu %llu\n", letter, (unsigned long long)id,
              (unsigned long long)size) < 0;
}

static void put_end(struct trace_writer *writer, uint64_t id)
{
  writer->requests++;
  writer->has_failed |=
      fprintf(writer->file, "f %llu\n", (unsigned long long)id) < 0;
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

/* Whose block was at the address has freed it, though nobody told. */
static void settle(struct trace_writer *writer, uint64_t address, uint64_t id)
{
  uint64_t before = trace_take_id(writer, address);
  if (before != 0)
    put_end(writer, before);
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
  put(writer, 'a', new_id(writer, address), size);
}

void trace_put_calloc(struct trace_writer *writer, uint64_t address,
                      uint64_t count, uint64_t size)
{
  uint64_t id = new_id(writer, address);
  writer->requests++;
  writer->has_failed |=
      fprintf(writer->file, "c %llu %llu %llu\n", (unsigned long long)id,
              (unsigned long long)count, (unsigned long long)size) < 0;
}

void trace_put_free(struct trace_writer *writer, uint64_t address)
{
  uint64_t id = trace_take_id(writer, address);
  if (id != 0)
    put_end(writer, id);
  else
    writer->unknown_frees++;
}

void trace_put_realloc(struct trace_writer *writer, uint64_t id,
                       uint64_t address, uint64_t size)
{
  if (id == 0)
    id = writer->next_id++;
  settle(writer, address, id);
  put(writer, 'r', id, size);
}
