/*
** The part of the log that is mapped into the recorded program, so that an
** log of any length needs few addresses. The records are divided into chunks:
**
**   file       | head | chunk 0 | chunk 1 | chunk 2 | chunk 3 | chunk 4 | ...
**
**   addresses                     chunk 4   chunk 3
**                               | place 0 | place 1 |
**
** The last two chunks are mapped, chunk n at place n % 2. A chunk is mapped in
** the place of a chunk whose slots are all written: no thread is left that
** would write there. The places have the same addresses from the beginning to
** the end: a program that has used up its addresses is still recorded.
**
** The disk space of a chunk is obtained in steps, each one step before its
** first slot is written.
*/
#ifndef WINDOW_H
#define WINDOW_H

#include <stdbool.h>
#include <stddef.h>

#include "log.h"

#define WINDOW_PLACES 2u
#define WINDOW_CHUNK_BYTES ((size_t)2 << 20)
#define WINDOW_CHUNK_SLOTS (WINDOW_CHUNK_BYTES / sizeof(struct log_record))
#define WINDOW_PLACE_BYTES (2 * WINDOW_CHUNK_BYTES) /* between two places */
#define WINDOW_STEP_BYTES ((size_t)256 << 10)
#define WINDOW_STEP_SLOTS (WINDOW_STEP_BYTES / sizeof(struct log_record))

/* In a page of its own, which the system fills with zeros in a forked child. */
struct window {
  uint64_t limit; /* the first slot of the newest step; 0: nothing is written */
  uint64_t end;   /* slots whose disk space is obtained */
  uint64_t checked;   /* slots of the oldest chunk known to be written */
  uint64_t log_bytes; /* the size of the file */
  uint32_t sites;     /* defined so far */
  _Bool is_busy;      /* a thread makes the next step */
};

/* What does not change while a log is open. */
struct window_log {
  struct log_head *head;
  struct window *window;
  char *places; /* the addresses of the first place */
};
extern struct window_log window_log __attribute__((visibility("hidden")));

/*
** Opens the log at the path, an absolute one. If it is another process's, and
** the log of each process is wanted, opens or makes one beside it, whose name
** ends in this process's number. Returns false if it cannot be used. It changes
** errno.
*/
bool window_open(const char *path, const char *what, bool is_each);

/* Gives back the addresses of the log, in a forked child. */
void window_forget(void);

/*
** Makes the next step if it is needed. Returns false if the slot, which is not
** below the limit, cannot be written. It keeps errno.
*/
bool window_slide(uint64_t slot);

/* The address of a slot in a chunk that is mapped. */
static inline struct log_record *window_slot(uint64_t slot)
{
  uint64_t place = slot / WINDOW_CHUNK_SLOTS % WINDOW_PLACES;
  char *chunk = window_log.places + place * WINDOW_PLACE_BYTES;
  return (struct log_record *)chunk + slot % WINDOW_CHUNK_SLOTS;
}

#endif
