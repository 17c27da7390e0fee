/*
** A budget stands below a heap and bounds what it takes from the C library
** and the system together: raw bytes, and bytes of committed pages. Over it
** everything is refused, as where memory is short. Each raw block grows by a
** head that remembers its size.
*/
#ifndef BUDGET_H
#define BUDGET_H

#include "base/base.h"

struct budget {
  size_t used_bytes, max_bytes;
  pym_raw raw; /* where it passes on what it allows */
  pym_pages pages;
};

/* Puts a budget between these options and what they stand on. */
void budget_stand_below(struct budget *budget, pym_options *options);

/* The budget that is this raw allocator, or NULL. */
struct budget *budget_of(const pym_raw *raw);

#endif
