#include <stdlib.h>
#include <string.h>

#include "trace/loaded_trace.h"

void loaded_trace_cut(struct loaded_trace *loaded, size_t count)
{
  assert(count <= loaded->count);
  loaded->count = count;
  while (loaded->mark_count > 0 &&
         loaded->marks[loaded->mark_count - 1].after > count)
    loaded->mark_count--;
  while (loaded->allowance_count > 0 &&
         loaded->allowances[loaded->allowance_count - 1].after > count)
    loaded->allowance_count--;
}

/*
** Replaces an array, which may be NULL, by a copy of its first elements, with
** room for one more. false: there is no memory; the array is then NULL.
*/
static bool copy_array(void *array, size_t count, size_t element_bytes,
                       size_t *capacity)
{
  void **elements = array;
  const void *from = *elements;
  *capacity = from == NULL ? 0 : count + 1;
  *elements = NULL;
  if (from == NULL)
    return true;
  *elements = malloc((count + 1) * element_bytes);
  if (*elements == NULL)
    return false;
  memcpy(*elements, from, count * element_bytes);
  return true;
}

bool loaded_trace_copy(struct loaded_trace *copy,
                       const struct loaded_trace *loaded, size_t count)
{
  *copy = *loaded;
  loaded_trace_cut(copy, count);
  bool is_copied =
      copy_array(&copy->items, count, sizeof copy->items[0], &copy->capacity);
  is_copied &=
      copy_array(&copy->allowances, copy->allowance_count,
                 sizeof copy->allowances[0], &copy->allowance_capacity);
  is_copied &=
      copy_array(&copy->ids, count, sizeof copy->ids[0], &copy->id_capacity);
  is_copied &= copy_array(&copy->sites, count, sizeof copy->sites[0],
                          &copy->site_capacity);
  is_copied &= copy_array(&copy->marks, copy->mark_count, sizeof copy->marks[0],
                          &copy->mark_capacity);
  is_copied &= copy_array(&copy->tree.items, copy->tree.count,
                          sizeof copy->tree.items[0], &copy->tree.capacity);
  is_copied &= copy_array(&copy->texts.bytes, copy->texts.count, 1,
                          &copy->texts.capacity);
  return is_copied;
}
