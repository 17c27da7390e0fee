#include "trace/site_tree.h"

#include <stdlib.h>
#include <string.h>

bool texts_add(struct texts *texts, const char *text, uint32_t bytes,
               struct text_place *place)
{
  size_t wanted = texts->count + bytes;
  if (wanted > texts->capacity) {
    char *grown = realloc(texts->bytes, wanted + wanted / 2);
    if (grown == NULL)
      return false;
    texts->bytes = grown;
    texts->capacity = wanted + wanted / 2;
  }
  *place = (struct text_place){texts->count, bytes};
  memcpy(texts->bytes + texts->count, text, bytes);
  texts->count = wanted;
  return true;
}

bool site_tree_add(struct site_tree *tree, struct texts *texts,
                   const struct trace_op *op)
{
  assert(op->letter == TRACE_SITE && op->site == tree->count + 1);
  assert(op->parent <= tree->count);
  if (tree->count == tree->capacity) {
    size_t capacity = tree->capacity == 0 ? 64 : 2 * tree->capacity;
    struct site *grown = realloc(tree->items, capacity * sizeof *grown);
    if (grown == NULL)
      return false;
    tree->items = grown;
    tree->capacity = capacity;
  }
  struct site *site = &tree->items[tree->count];
  site->parent = op->parent;
  if (!texts_add(texts, op->text, op->text_bytes, &site->text))
    return false;
  tree->count++;
  return true;
}
