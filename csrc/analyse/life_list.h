/*
** The blocks of a trace as a list, in the order of their births, each with its
** reallocs.
**
** Tested by spec/commands/workload_like_spec.lua.
*/
#ifndef LIFE_LIST_H
#define LIFE_LIST_H

#include "trace/loaded_trace.h"

/* One block: 24 bytes. */
struct listed_life {
  uint64_t bytes;  /* at its birth */
  uint32_t born;   /* the number of its first request */
  uint32_t died;   /* that of its free; 0: it is never freed */
  uint32_t resize; /* the place of its first realloc in 'resizes' */
  uint32_t resize_count;
};

/* One realloc of a live block. */
struct listed_resize {
  uint64_t bytes;
  uint64_t number; /* of the request */
};

struct life_list {
  struct listed_life *lives;
  size_t life_count;
  struct listed_resize *resizes; /* those of a block are together */
  size_t resize_count;
};

/* Makes the list. false: there is no memory, and there is nothing to close. */
bool life_list_open(struct life_list *list, const struct loaded_trace *trace);

void life_list_close(struct life_list *list);

#endif
