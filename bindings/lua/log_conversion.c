#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L

#include "log_conversion.h"

#include <inttypes.h>

static bool open_tables(struct conversion *conversion)
{
  return idmap_open(&conversion->writer.ids) &&
         idmap_open(&conversion->pending) && idmap_open(&conversion->sites) &&
         idmap_open(&conversion->frames);
}

static void close_tables(struct conversion *conversion)
{
  idmap_close(&conversion->frames);
  idmap_close(&conversion->sites);
  idmap_close(&conversion->pending);
  idmap_close(&conversion->writer.ids);
}

/* Removes the realloc that a thread has begun. Gets the old block and its id. */
static uint64_t take_begun(struct conversion *conversion, uint32_t thread,
                           uint64_t *old)
{
  struct idmap_entry *entry = idmap_find(&conversion->pending, thread);
  uint64_t id = entry == NULL ? 0 : entry->bytes;
  *old = entry == NULL ? 0 : (uintptr_t)entry->block;
  if (entry != NULL)
    idmap_remove(&conversion->pending, entry);
  return id;
}

static void end_realloc(struct conversion *conversion,
                        const struct log_record *record)
{
  struct trace_writer *writer = &conversion->writer;
  uint64_t old, id = take_begun(conversion, record->thread, &old);
  if (record->block == 0 && id != 0) /* refused? the block is as it was */
    trace_put_back(writer, old, id);
  else if (record->block != 0 && old == 0)
    trace_put_malloc(writer, record->block, record->size);
  else if (record->block != 0)
    trace_put_realloc(writer, id, record->block, record->size);
}

/* Another thread may have got the address of the block since it was freed. */
static void end_realloc_by_free(struct conversion *conversion,
                                const struct log_record *record)
{
  uint64_t old, id = take_begun(conversion, record->thread, &old);
  trace_put_free_of(&conversion->writer, id);
}

static void begin_realloc(struct conversion *conversion,
                          const struct log_record *record)
{
  struct trace_writer *writer = &conversion->writer;
  uint64_t id = trace_take_id(writer, record->block);
  if (idmap_find(&conversion->pending, record->thread) == NULL)
    writer->has_failed |= !idmap_add(&conversion->pending, record->thread,
                                     (void *)(uintptr_t)record->block, id);
}

static uint32_t find_site(struct conversion *conversion, uint64_t site)
{
  const struct idmap_entry *entry =
      site == 0 ? NULL : idmap_find(&conversion->sites, site);
  return entry == NULL ? 0 : (uint32_t)entry->bytes;
}

/*
** The number that a site has in the trace; 0: it has none. A site keeps its number
** once it is defined.
*/
static uint32_t site_of(struct conversion *conversion, uint64_t site)
{
  size_t at = site % LOG_SITES_REMEMBERED;
  if (conversion->last_sites[at].in_log != site) {
    uint32_t in_trace = find_site(conversion, site);
    if (in_trace == 0)
      return 0;
    conversion->last_sites[at].in_log = (uint32_t)site;
    conversion->last_sites[at].in_trace = in_trace;
  }
  return conversion->last_sites[at].in_trace;
}

static void define(struct conversion *conversion, uint32_t site,
                   uint32_t in_trace)
{
  if (site != 0 && site_of(conversion, site) == 0)
    conversion->writer.has_failed |=
        !idmap_add(&conversion->sites, site, NULL, in_trace);
}

static void put_site(struct conversion *conversion,
                     const struct log_record *record)
{
  char text[LOG_PATH_BYTES];
  size_t bytes = log_reader_text(&conversion->reader, record->size, text);
  uint32_t parent = site_of(conversion, record->block);
  define(conversion, record->site,
         trace_put_site(&conversion->writer, parent, text, bytes));
}

/*
** FNV-1a. The probability that two of a million frames have the same hash is
** 3 in 10^8.
*/
static uint64_t hash_of(uint32_t parent, const char *text, size_t bytes)
{
  uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ parent;
  for (size_t i = 0; i < bytes; i++)
    hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
  return hash == 0 ? 1 : hash;
}

/* The site of a frame: equal texts with one caller are one site. */
static uint32_t put_text(struct conversion *conversion, uint32_t parent,
                         const char *text, size_t bytes)
{
  uint64_t hash = hash_of(parent, text, bytes);
  const struct idmap_entry *entry = idmap_find(&conversion->frames, hash);
  if (entry != NULL)
    return (uint32_t)entry->bytes;
  uint32_t site = trace_put_site(&conversion->writer, parent, text, bytes);
  conversion->writer.has_failed |=
      !idmap_add(&conversion->frames, hash, NULL, site);
  return site;
}

/*
** A frame has a list of texts, the innermost first: several if functions are
** inlined, none if the frame is left out of the trace, as those below main are.
** On the top of the stack is the list or nil.
*/
static uint32_t put_texts(struct conversion *conversion, lua_State *L,
                          uint32_t site)
{
  for (lua_Integer i = (lua_Integer)lua_rawlen(L, -1); i > 0; i--) {
    size_t bytes;
    lua_rawgeti(L, -1, i);
    const char *text = lua_tolstring(L, -1, &bytes);
    if (text != NULL)
      site = put_text(conversion, site, text, bytes);
    lua_pop(L, 1);
  }
  return site;
}

static void put_frame(struct conversion *conversion,
                      const struct log_record *record)
{
  lua_State *L = conversion->L;
  char text[32];
  uint32_t site = site_of(conversion, record->count);
  if (conversion->texts != 0 &&
      lua_rawgeti(L, conversion->texts, (lua_Integer)record->block) ==
          LUA_TTABLE) {
    site = put_texts(conversion, L, site);
  } else {
    int bytes = snprintf(text, sizeof text, "0x%" PRIx64, record->block);
    site = put_text(conversion, site, text, (size_t)bytes);
  }
  if (conversion->texts != 0)
    lua_pop(L, 1);
  define(conversion, record->site, site);
}

static void put_mark(struct conversion *conversion,
                     const struct log_record *record)
{
  char text[LOG_PATH_BYTES];
  size_t bytes = log_reader_text(&conversion->reader, record->size, text);
  trace_put_mark(&conversion->writer, text, bytes);
}

static void put_record(struct conversion *conversion,
                       const struct log_record *record)
{
  struct trace_writer *writer = &conversion->writer;
  enum log_kind kind = (enum log_kind)(record->kind & LOG_KIND_MASK);
  writer->site = 0;
  if (kind != LOG_NOTHING && kind < LOG_SITE)
    writer->site = site_of(conversion, record->site);
  if ((kind != LOG_NOTHING && kind < LOG_SITE) || kind == LOG_ARENA)
    trace_put_interpreter(writer, record->kind >> LOG_KIND_BITS);
  switch (kind) {
  case LOG_NOTHING:
  case LOG_TEXT: /* read with the record before it */
    break;
  case LOG_MALLOC:
    trace_put_malloc(writer, record->block, record->size);
    break;
  case LOG_CALLOC:
    trace_put_calloc(writer, record->block, record->count, record->size);
    break;
  case LOG_CALLOC_MANY:
    trace_put_calloc(writer, record->block, record->size, record->count);
    break;
  case LOG_REALLOC_BEGIN:
    begin_realloc(conversion, record);
    break;
  case LOG_REALLOC_END:
    end_realloc(conversion, record);
    break;
  case LOG_REALLOC_FREED:
    end_realloc_by_free(conversion, record);
    break;
  case LOG_FREE:
    trace_put_free(writer, record->block);
    break;
  case LOG_SITE:
    put_site(conversion, record);
    break;
  case LOG_FRAME:
    put_frame(conversion, record);
    break;
  case LOG_MODULE: /* the texts of the frames are made of it */
    break;
  case LOG_MARK:
    put_mark(conversion, record);
    break;
  case LOG_ARENA: /* a damaged log may have any size */
    trace_put_offset(writer, (uint32_t)(record->size % (TRACE_OFFSET_MAX + 1)));
    break;
  }
}

/* false: the log is damaged, or writing has failed. */
static bool convert(struct conversion *conversion, FILE *log)
{
  struct log_record record;
  if (!log_reader_begin(&conversion->reader, log))
    return false;
  while (!conversion->writer.has_failed &&
         log_reader_next(&conversion->reader, &record))
    put_record(conversion, &record);
  return !conversion->writer.has_failed;
}

bool conversion_run(struct conversion *conversion, FILE *log, const char *head)
{
  struct trace_writer *writer = &conversion->writer;
  writer->has_failed =
      !open_tables(conversion) || fputs(head, writer->file) == EOF;
  bool is_whole = !writer->has_failed && convert(conversion, log);
  close_tables(conversion);
  return is_whole;
}
