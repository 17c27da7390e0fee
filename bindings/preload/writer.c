#define _GNU_SOURCE

#include "writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "window.h"

static char log_what[LOG_WHAT_BYTES];
static atomic_uint thread_count;
static _Thread_local unsigned thread __attribute__((tls_model("initial-exec")));

/*
** The environment variable PYMALLOC_RECORD_EACH says that each process is to
** have a log.
*/
static bool is_each_recorded(void)
{
  return getenv("PYMALLOC_RECORD_EACH") != NULL;
}

static void open_log(void)
{
  (void)window_open(getenv("PYMALLOC_RECORD"), log_what, is_each_recorded());
}

/* A forked child begins a log of its own. */
static void open_in_child(void)
{
  int error = errno;
  if (window_log.head != NULL) {
    window_forget();
    open_log();
  }
  errno = error;
}

bool writer_open(const char *what)
{
  int error = errno;
  strncpy(log_what, what, sizeof log_what - 1);
  open_log();
  if (is_each_recorded())
    (void)pthread_atfork(NULL, NULL, open_in_child);
  errno = error;
  return writer_is_open();
}

bool writer_is_open(void)
{
  return __atomic_load_n(&window_log.window->limit, __ATOMIC_RELAXED) != 0;
}

/* Claims slots. Returns false if nothing is to be written. */
static inline bool claim(uint64_t count, uint64_t *slot)
{
  if (__atomic_load_n(&window_log.window->limit, __ATOMIC_RELAXED) == 0)
    return false;
  if (thread == 0)
    thread = atomic_fetch_add(&thread_count, 1) + 1;
  *slot = __atomic_fetch_add(&window_log.head->count, count, __ATOMIC_RELAXED);
  return true;
}

/* The place of a slot that was claimed; NULL: it cannot be written. */
static inline struct log_record *place_of(uint64_t slot)
{
  uint64_t limit = __atomic_load_n(&window_log.window->limit, __ATOMIC_ACQUIRE);
  if (slot >= limit && !window_slide(slot))
    return NULL;
  return window_slot(slot);
}

/* Writes the kind, last: the record is then whole. */
static inline void finish(struct log_record *place, enum log_kind kind,
                          uint32_t interpreter)
{
  uint32_t value = (uint32_t)kind | interpreter << LOG_KIND_BITS;
  place->thread = thread;
  __atomic_store_n(&place->kind, value, __ATOMIC_RELEASE);
}

static void put(uint64_t slot, enum log_kind kind,
                const struct log_record *record)
{
  struct log_record *place = place_of(slot);
  if (place == NULL)
    return;
  memcpy(place->text, record->text, LOG_PIECE_BYTES);
  finish(place, kind, 0);
}

void writer_put(enum log_kind kind, const void *block, size_t size,
                size_t count, uint32_t site, uint32_t interpreter)
{
  uint64_t slot;
  if (!claim(1, &slot))
    return;
  struct log_record *place = place_of(slot);
  if (place == NULL)
    return;
  if (count > UINT32_MAX) { /* then the size is smaller: it was allocated */
    size_t elements = count;
    kind = LOG_CALLOC_MANY;
    count = size;
    size = elements;
  }
  place->site = site;
  place->count = (uint32_t)count;
  place->block = (uintptr_t)block;
  place->size = size;
  finish(place, kind, interpreter);
}

/* Writes a record with a text, whose size goes into the record. */
static void put_text(enum log_kind kind, struct log_record *record,
                     const char *text, size_t bytes, uint64_t slot)
{
  struct log_record piece;
  put(slot, kind, record);
  for (size_t at = 0; at < bytes; at += LOG_PIECE_BYTES) {
    size_t rest = bytes - at;
    memcpy(piece.text, text + at,
           rest < sizeof piece.text ? rest : sizeof piece.text);
    put(++slot, LOG_TEXT, &piece);
  }
}

static uint64_t slots_for(size_t bytes)
{
  return 1 + (bytes + LOG_PIECE_BYTES - 1) / LOG_PIECE_BYTES;
}

static uint32_t new_site(void)
{
  return __atomic_add_fetch(&window_log.window->sites, 1, __ATOMIC_RELAXED);
}

uint32_t writer_site(uint32_t parent, const char *text, size_t bytes)
{
  uint64_t slot;
  if (bytes > LOG_TEXT_BYTES)
    bytes = LOG_TEXT_BYTES;
  if (!claim(slots_for(bytes), &slot))
    return 0;
  struct log_record record = {
      .site = new_site(), .block = parent, .size = bytes};
  put_text(LOG_SITE, &record, text, bytes, slot);
  return record.site;
}

uint32_t writer_frame(uint32_t parent, uintptr_t address)
{
  uint64_t slot;
  if (!claim(1, &slot))
    return 0;
  struct log_record record = {
      .site = new_site(), .count = parent, .block = address};
  put(slot, LOG_FRAME, &record);
  return record.site;
}

void writer_module(uintptr_t start, uintptr_t end, uint64_t file_offset,
                   const char *path)
{
  uint64_t slot;
  size_t bytes = strnlen(path, LOG_PATH_BYTES);
  struct log_record record = {.site = (uint32_t)bytes,
                              .count =
                                  (uint32_t)(file_offset / LOG_PLACE_BYTES),
                              .block = start,
                              .size = end};
  if (claim(slots_for(bytes), &slot))
    put_text(LOG_MODULE, &record, path, bytes, slot);
}

void writer_mark(const char *text, size_t bytes)
{
  uint64_t slot;
  if (bytes > LOG_TEXT_BYTES)
    bytes = LOG_TEXT_BYTES;
  struct log_record record = {.size = bytes};
  if (claim(slots_for(bytes), &slot))
    put_text(LOG_MARK, &record, text, bytes, slot);
}

/* A child of vfork has the memory of the process, but is another process. */
void writer_replaced_by(const char *path)
{
  struct log_head *head = window_log.head;
  int error = errno;
  if (head != NULL && head->pid == (uint64_t)getpid())
    strncpy(head->next_program, path, sizeof head->next_program - 1);
  errno = error;
}
