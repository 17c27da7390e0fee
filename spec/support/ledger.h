/*
** A ledger takes the place of the C library and the operating system below
** heaps. It passes calls on to them, keeps account of the memory that is
** outstanding, and lets calls fail as the spec has chosen. It ends the
** process if a heap breaks a rule of pym_raw or pym_pages.
**
** For specs only.
*/
#ifndef LEDGER_H
#define LEDGER_H

#include "pymalloc.h"

#define LEDGER_KINDS(X) \
  X(raw)                \
  X(reserve)            \
  X(commit)

enum ledger_kind {
#define X(name) LEDGER_##name,
  LEDGER_KINDS(X)
#undef X
      LEDGER_KIND_COUNT
};

/* A run of pages. */
struct ledger_range {
  uintptr_t address;
  size_t bytes;
};

/* The account of one kind of memory. */
struct ledger_account {
  size_t calls;     /* of those that could fail */
  size_t countdown; /* the number of calls up to the one that fails; 0: none */
  bool lasts;       /* do all calls after that one fail too? */
  size_t count;     /* outstanding: blocks, reservations, commits */
  size_t bytes;     /* outstanding */
  struct ledger_range *ranges; /* 'count' of them; NULL for raw */
};

struct ledger {
  struct ledger_account accounts[LEDGER_KIND_COUNT];
  size_t reserve_limit; /* larger reservations are refused */
  size_t decommit_calls;
  size_t large_begins, large_ends;
  size_t large_offset;    /* of the last large page that began, in its region */
  size_t large_end_bytes; /* of the last range that was announced as ended */
  pym_raw raw;            /* the allocators to which it passes requests on */
  pym_pages pages;
};

void ledger_open(struct ledger *ledger);

/* Puts the ledger below the heap that these options are for. */
void ledger_stand_below(struct ledger *ledger, pym_options *options);

#endif
