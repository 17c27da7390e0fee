/*
** Records a request of the program. A function that the program calls has two
** calls of the recorder around that of the next allocator, and then records:
**
**   bool is_outer = recorder_enter();
**   void *block = next.malloc(bytes);
**   recorder_leave();
**   return recorder_got(is_outer, block, bytes);
**
** An allocator may serve one function by calling another: only the outer call
** is recorded. A block is recorded after it is obtained and before it is freed,
** so that no other thread's record of the same address comes in between.
*/
#ifndef RECORDER_H
#define RECORDER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "where.h"
#include "writer.h"

#define EXPORT __attribute__((visibility("default")))
#define FAST_LOCAL _Thread_local __attribute__((tls_model("initial-exec")))
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define HIDDEN __attribute__((visibility("hidden")))

enum recorder_state { STARTING, OPENING, OPEN, CLOSED };

extern atomic_int recorder_state HIDDEN;
extern FAST_LOCAL unsigned recorder_depth HIDDEN;
extern FAST_LOCAL void *recorder_last HIDDEN; /* the last block recorded */

/* Opens the log, at the first request. */
bool recorder_open(void);

static inline bool recorder_enter(void)
{
  return recorder_depth++ == 0;
}

static inline void recorder_leave(void)
{
  recorder_depth--;
}

static inline bool recorder_is_open(void)
{
  int now = atomic_load_explicit(&recorder_state, memory_order_acquire);
  return now == OPEN || (now == STARTING && recorder_open());
}

/* Inlined into the function that the program calls: its frame is the first. */
static ALWAYS_INLINE uint32_t recorder_site(void)
{
  return where_depth == 0 || !writer_is_open()
             ? 0
             : where_find(__builtin_frame_address(0),
                          (uintptr_t)__builtin_return_address(0));
}

static ALWAYS_INLINE void recorder_put(enum log_kind kind, const void *block,
                                       size_t size, size_t count)
{
  if (recorder_is_open())
    writer_put(kind, block, size, count, recorder_site(), 0);
}

/* The records before a block is freed or moved have no site. */
static inline void recorder_end(enum log_kind kind, const void *block)
{
  if (recorder_is_open())
    writer_put(kind, block, 0, 0, 0, 0);
}

static ALWAYS_INLINE void *recorder_got(bool is_outer, void *block,
                                        size_t bytes)
{
  if (is_outer && block != NULL) {
    recorder_put(LOG_MALLOC, block, bytes, 1);
    recorder_last = block;
  }
  return block;
}

#endif
