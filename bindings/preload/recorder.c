#define _GNU_SOURCE

#include "recorder.h"

#include <pthread.h>
#include <unistd.h>

atomic_int recorder_state = STARTING;
FAST_LOCAL unsigned recorder_depth;
FAST_LOCAL void *recorder_last;

/*
** Called before the C library has set 'environ', it does nothing and is tried
** again at the next request.
*/
bool recorder_open(void)
{
  int now = STARTING;
  if (environ == NULL ||
      !atomic_compare_exchange_strong(&recorder_state, &now, OPENING))
    return false;
  now = writer_open("") ? OPEN : CLOSED;
  if (now == OPEN) {
    where_open();
    if (where_depth > 0)
      (void)pthread_atfork(NULL, NULL, where_restart);
  }
  atomic_store_explicit(&recorder_state, now, memory_order_release);
  return now == OPEN;
}

/* A program that makes no request has a log too, which is then empty. */
__attribute__((constructor)) static void start(void)
{
  if (atomic_load(&recorder_state) == STARTING)
    (void)recorder_open();
}
