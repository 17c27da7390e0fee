#include <stdlib.h>
#include <string.h>

#include "pickle_reader.h"

const char PICKLE_NO_MEMORY[] = "not enough memory";

/*
** {==================================================================
** Memory
** ===================================================================
*/

#define CHUNK_BYTES ((size_t)1 << 16)
#define VALUES_MAX ((size_t)1 << 28) /* their bytes are a size of 32 bits */

struct pickle_chunk {
  struct pickle_chunk *next;
  pickle_value values[]; /* the memory, of which the end is given out first */
};

/* Memory that lives as long as the pickle; NULL: there is none. */
static void *allocate(struct reader *reader, size_t bytes)
{
  struct pickle *pickle = reader->pickle;
  if (pickle->free_bytes < bytes) {
    size_t room = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
    struct pickle_chunk *chunk = malloc(sizeof *chunk + room);
    if (chunk == NULL) {
      reader->problem = PICKLE_NO_MEMORY;
      return NULL;
    }
    chunk->next = pickle->chunks;
    pickle->chunks = chunk;
    pickle->free_bytes = room;
  }
  pickle->free_bytes -= bytes;
  return (char *)pickle->chunks->values + pickle->free_bytes;
}

void pickle_close(struct pickle *pickle)
{
  while (pickle->chunks != NULL) {
    struct pickle_chunk *next = pickle->chunks->next;
    free(pickle->chunks);
    pickle->chunks = next;
  }
  *pickle = (struct pickle){0};
}

bool pickle_grow(struct reader *reader, struct values *values)
{
  size_t capacity = values->capacity * 2 + 64;
  pickle_value *items = NULL;
  if (capacity <= VALUES_MAX)
    items = realloc(values->items, capacity * sizeof items[0]);
  if (items == NULL)
    return fail(reader, PICKLE_NO_MEMORY);
  values->items = items;
  values->capacity = capacity;
  return true;
}

/*
** Adds values to a list, or keys and values to a dict, which gets room for
** exactly the first ones: most of them are filled by one operation.
*/
static bool extend(struct reader *reader, enum tag tag,
                   struct pickle_list *list, const pickle_value *values,
                   size_t count)
{
  if (tag == TAG_DICT && count % 2 != 0)
    return fail(reader, "the pickle has a key without a value");
  if (count > list->capacity - list->count) {
    size_t capacity = list->count + (count > list->count ? count : list->count);
    if (capacity > VALUES_MAX)
      return fail(reader, PICKLE_NO_MEMORY);
    pickle_value *items = allocate(reader, capacity * sizeof items[0]);
    if (items == NULL)
      return false;
    if (list->count > 0)
      memcpy(items, list->items, list->count * sizeof items[0]);
    list->items = items;
    list->capacity = (uint32_t)capacity;
  }
  if (count > 0)
    memcpy(list->items + list->count, values, count * sizeof values[0]);
  list->count += (uint32_t)count;
  return true;
}

/* }================================================================== */

bool pickle_find_values(struct reader *reader, size_t count, size_t *first)
{
  size_t top = reader->stack.count;
  for (size_t i = 0; i < count; i++)
    if (i == top || tag_of(reader->stack.items[top - 1 - i]) == TAG_MARK)
      return fail(reader, "the pickle pops what is not there");
  *first = top - count;
  return true;
}

bool pickle_find_marked(struct reader *reader, size_t *first)
{
  size_t at = reader->stack.count;
  while (at > 0 && tag_of(reader->stack.items[at - 1]) != TAG_MARK)
    at--;
  if (at == 0)
    return fail(reader, "the pickle has no mark");
  *first = at;
  return true;
}

bool pickle_make(struct reader *reader, enum tag tag, size_t first, size_t at)
{
  struct values *stack = &reader->stack;
  struct pickle_list *list = allocate(reader, sizeof *list);
  if (list == NULL)
    return false;
  *list = (struct pickle_list){0};
  if (!extend(reader, tag, list, stack->items + first, stack->count - first))
    return false;
  stack->count = at;
  return push(reader, (pickle_value)(uintptr_t)list | tag);
}

bool pickle_fill(struct reader *reader, enum tag tag, size_t first, size_t at)
{
  struct values *stack = &reader->stack;
  if (at == 0 || tag_of(stack->items[at - 1]) != tag)
    return fail(reader,
                "the pickle adds to a value that is neither a list nor a dict");
  if (!extend(reader, tag, list_of(stack->items[at - 1]), stack->items + first,
              stack->count - first))
    return false;
  stack->count = at;
  return true;
}

bool pickle_memoize(struct reader *reader, uint64_t number)
{
  size_t first;
  if (!pickle_find_values(reader, 1, &first))
    return false;
  pickle_value value = reader->stack.items[first];
  if (number > reader->memo.count)
    return fail(reader, "the pickle has a gap in its memo");
  if (number == reader->memo.count)
    return add(reader, &reader->memo, value);
  reader->memo.items[number] = value;
  return true;
}
