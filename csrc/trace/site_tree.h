/*
** The sites of a trace, in memory: a tree of call stacks, in which a site is a
** frame and its parent the calling frame. Site i is items[i - 1].
**
** The parent of a site is 0 or has a lower number. Texts of sites and marks are
** one after another in 'texts'.
**
** Tested by spec/unit/trace_site_spec.lua.
*/
#ifndef SITE_TREE_H
#define SITE_TREE_H

#include "trace/trace_op.h"

/* A text: its place in 'bytes' of struct texts. */
struct text_place {
  size_t offset;
  uint32_t bytes;
};

struct texts {
  char *bytes;
  size_t count, capacity;
};

struct site {
  uint32_t parent;
  struct text_place text;
};

struct site_tree {
  struct site *items;
  size_t count, capacity;
};

/* Copies a text behind the others. false: there is no memory. */
bool texts_add(struct texts *texts, const char *text, uint32_t bytes,
               struct text_place *place);

/* Adds the site that an operation defines. false: there is no memory. */
bool site_tree_add(struct site_tree *tree, struct texts *texts,
                   const struct trace_op *op);

/* A site with a number from 1 to count. */
static inline const struct site *site_tree_get(const struct site_tree *tree,
                                               uint32_t number)
{
  assert(number >= 1 && number <= tree->count);
  return &tree->items[number - 1];
}

#endif
