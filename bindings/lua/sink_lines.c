#include "sink_lines.h"

#include <stdio.h>
#include <string.h>

enum verb sink_verb(const char *word, size_t bytes)
{
#define X(name, text)                                                \
  if (bytes == sizeof(text) - 1 && memcmp(word, (text), bytes) == 0) \
    return VERB_##name;
  LINE_VERBS(X)
#undef X
  return VERB_COUNT;
}

bool sink_add_template(struct sink_lines *sink, const char *text)
{
  const char *bar = strchr(text, '|');
  struct line_template *added = &sink->templates[sink->template_count];
  if (bar == NULL || sink->template_count == TEMPLATES_MAX ||
      !line_template_is_valid(bar + 1))
    return false;
  *added = (struct line_template){
      sink_verb(text, (size_t)(bar - text)), bar + 1, {0, 1, 2, 3}};
  sink->template_count += added->verb != VERB_COUNT;
  return added->verb != VERB_COUNT;
}

static void put_line(struct sink_lines *sink, struct trace_op op)
{
  char line[TRACE_LINE_BYTES];
  size_t bytes = trace_op_format(&op, line);
  sink->writer.requests++;
  sink->writer.has_failed |= fwrite(line, 1, bytes, sink->writer.file) != bytes;
}

/* Ids of the log are from 0 on, those of the trace from 1 on. */
static bool put_id(struct sink_lines *sink, enum verb verb,
                   const struct line_fields *fields)
{
  if (fields->id >= sink->id_limit)
    return false;
  uint64_t id = fields->id + 1;
  struct idmap_entry *entry = idmap_find(&sink->writer.ids, id);
  if ((entry == NULL) != (verb == VERB_ID_MALLOC))
    return false;
  if (verb == VERB_ID_FREE) {
    idmap_remove(&sink->writer.ids, entry);
    put_line(sink, (struct trace_op){.letter = TRACE_FREE, .id = id});
    return true;
  }
  if (entry == NULL)
    sink->writer.has_failed |= !idmap_add(&sink->writer.ids, id, NULL, id);
  put_line(sink,
           (struct trace_op){.letter = verb == VERB_ID_MALLOC ? TRACE_MALLOC
                                                              : TRACE_REALLOC,
                             .id = id,
                             .bytes = fields->size});
  return true;
}

static bool put_next(struct sink_lines *sink, uint64_t size)
{
  uint64_t id = trace_put_new(&sink->writer, size);
  sink->writer.has_failed |= !idmap_add(&sink->writer.ids, id, NULL, id);
  return true;
}

/* The first line of a realloc; false: another realloc is incomplete. */
static bool put_old(struct sink_lines *sink, uint64_t address)
{
  bool is_first = sink->moving == 0;
  sink->moving = address;
  return is_first;
}

/* The second line of a realloc; false: its first line is missing. */
static bool put_new(struct sink_lines *sink, const struct line_fields *fields)
{
  uint64_t old = sink->moving;
  sink->moving = 0;
  if (old == 0)
    trace_put_malloc(&sink->writer, fields->address, fields->size);
  else
    trace_put_realloc(&sink->writer, trace_take_id(&sink->writer, old),
                      fields->address, fields->size);
  return old != 0;
}

static bool put_kind_free(struct sink_lines *sink, uint64_t number)
{
  if (sink->kinds.count > 0)
    return sink_kinds_free(&sink->kinds, &sink->writer, number);
  if (number == 0)
    return false;
  trace_put_free(&sink->writer, number);
  return true;
}

static bool put_at_site(struct sink_lines *sink,
                        const struct line_fields *fields)
{
  if (fields->site > sink->writer.sites)
    return false;
  sink->writer.site = (uint32_t)fields->site;
  trace_put_malloc(&sink->writer, fields->address, fields->size);
  return true;
}

/* Lua knows whether a file has kinds: it adds the first one. */
static bool put_kind(struct sink_lines *sink, const struct line_fields *fields)
{
  if (sink->kinds.count == 0 || fields->site > sink->writer.sites)
    return false;
  sink->writer.has_failed |=
      !sink_kinds_add(&sink->kinds, fields->size, (uint32_t)fields->site);
  return true;
}

static bool put_at_stack(struct sink_lines *sink,
                         const struct line_fields *fields)
{
  if (!sink_frames_site(&sink->frames, &sink->writer.site))
    return false;
  trace_put_malloc(&sink->writer, fields->address, fields->size);
  return true;
}

bool sink_put(struct sink_lines *sink, enum verb verb,
              const struct line_fields *fields)
{
  struct trace_writer *writer = &sink->writer;
  switch (verb) {
  case VERB_MALLOC:
    trace_put_malloc(writer, fields->address, fields->size);
    return true;
  case VERB_CALLOC:
    trace_put_calloc(writer, fields->address, fields->count, fields->size);
    return true;
  case VERB_REALLOC:
    trace_put_realloc(writer, trace_take_id(writer, fields->old),
                      fields->address, fields->size);
    return true;
  case VERB_FREE:
    trace_put_free(writer, fields->address);
    return true;
  case VERB_REALLOC_OLD:
    return put_old(sink, fields->address);
  case VERB_REALLOC_NEW:
    return put_new(sink, fields);
  case VERB_ID_MALLOC:
  case VERB_ID_REALLOC:
  case VERB_ID_FREE:
    return put_id(sink, verb, fields);
  case VERB_NEXT_MALLOC:
    return put_next(sink, fields->size);
  case VERB_KIND_MALLOC:
    return sink_kinds_malloc(&sink->kinds, writer, fields->size);
  case VERB_KIND_FREE:
    return put_kind_free(sink, fields->size);
  case VERB_SITE_MALLOC:
    return put_at_site(sink, fields);
  case VERB_SITE:
    (void)sink_labels_site(&sink->labels, writer, fields->site, fields->size);
    return true;
  case VERB_KIND:
    return put_kind(sink, fields);
  case VERB_PUSH:
    return sink_frames_push(&sink->frames, fields->id);
  case VERB_POP:
    sink_frames_pop(&sink->frames, fields->id);
    return true;
  case VERB_THREAD:
    return sink_frames_switch(&sink->frames, fields->id);
  case VERB_STACK_MALLOC:
    return put_at_stack(sink, fields);
  case VERB_MALLOC_BEGINS:
  case VERB_CALLOC_BEGINS:
  case VERB_REALLOC_BEGINS:
  case VERB_FREE_BEGINS:
  case VERB_CALL_ENDS: /* take() has these */
  case VERB_SKIP:
  case VERB_COUNT:
    break;
  }
  return true;
}

/* May it be a request of another kind, as a realloc to 0 bytes may be a free? */
static bool is_doubtful(const struct sink_lines *sink, enum verb verb,
                        const struct line_fields *fields)
{
  return (verb == VERB_REALLOC && fields->size == 0) ||
         (verb == VERB_REALLOC_OLD && sink->moving != 0) ||
         (verb == VERB_REALLOC_NEW && sink->moving == 0);
}

/* Gets the kind of call that a verb begins. false: it begins none. */
static bool call_kind(enum verb verb, enum call_kind *kind)
{
  static const struct {
    enum verb verb;
    enum call_kind kind;
  } beginnings[] = {{VERB_MALLOC_BEGINS, CALL_MALLOC},
                    {VERB_CALLOC_BEGINS, CALL_CALLOC},
                    {VERB_REALLOC_BEGINS, CALL_REALLOC},
                    {VERB_FREE_BEGINS, CALL_FREE}};
  for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
    if (beginnings[i].verb == verb) {
      *kind = beginnings[i].kind;
      return true;
    }
  return false;
}

/* Takes a line of a process: a call, or one of its two lines. */
static bool take_of(struct sink_lines *sink, struct sink_process *process,
                    unsigned number, const struct line_fields *fields)
{
  enum verb verb = sink->templates[number].verb;
  struct sink_call call = {.number = number, .fields = *fields};
  if (!process->is_own) {
    sink->others += verb != VERB_CALL_ENDS;
    return true;
  }
  if (process->is_busy)
    return false;
  if (verb == VERB_CALL_ENDS)
    return sink_call_end(process, &sink->writer, number, fields->address);
  bool begins = call_kind(verb, &call.kind);
  if (process->is_open) {
    bool is_nested = !begins && sink_call_nest(process);
    sink->nested += is_nested;
    return is_nested;
  }
  if (!begins)
    return sink_put(sink, verb, fields);
  sink_call_begin(process, &sink->writer, &call);
  return true;
}

/* Takes a line that a template matches. false: it is left to Lua. */
static bool take(struct sink_lines *sink, unsigned number,
                 const struct line_fields *fields)
{
  enum verb verb = sink->templates[number].verb;
  if (verb == VERB_SKIP)
    return true;
  if (is_doubtful(sink, verb, fields) ||
      sink->writer.requests >= sink->request_limit)
    return false;
  if (fields->process == 0)
    return sink_put(sink, verb, fields);
  struct sink_process *process =
      sink_process_find(&sink->processes, fields->process);
  return process != NULL && take_of(sink, process, number, fields);
}

bool sink_skips_line(const struct sink_lines *sink, const char *line,
                     const char *end)
{
  uint64_t key;
  if (sink->words.count == 0 || line_words_find(&sink->words, line, end))
    return false;
  return !sink->has_processes ||
         (line_process(line, &key) &&
          sink_process_find(&sink->processes, key) != NULL);
}

/*
** Tries a template, which is the 'i'th of the recent ones or none of them. If it
** matches, it becomes the last recent one, and '*is_taken' is set.
*/
static bool try_template(struct sink_lines *sink, unsigned number, unsigned i,
                         const char *line, const char *end, bool *is_taken)
{
  struct line_fields fields = {0};
  const struct line_template *template = &sink->templates[number];
  unsigned char *recent = sink->templates[sink->last].recent;
  if (number >= sink->template_count ||
      !line_template_match(template->pattern, line, end, &fields))
    return false;
  memmove(recent + 1, recent, i < RECENT_COUNT ? i : RECENT_COUNT - 1);
  recent[0] = (unsigned char)number;
  sink->last = number;
  *is_taken = take(sink, number, &fields);
  return true;
}

/*
** Lines repeat each other: first the templates are tried that have matched a
** line behind one like the line before, the last one first; then all in their
** order, in which the common ones are in front. A line between requests is
** skipped before that, and is not remembered as the line before.
*/
bool sink_take_line(struct sink_lines *sink, const char *line, const char *end)
{
  const unsigned char *recent = sink->templates[sink->last].recent;
  bool is_taken;
  for (unsigned i = 0; i < RECENT_COUNT; i++)
    if (try_template(sink, recent[i], i, line, end, &is_taken))
      return is_taken;
  if (sink_skips_line(sink, line, end))
    return true;
  for (unsigned i = 0; i < sink->template_count; i++)
    if (try_template(sink, i, RECENT_COUNT, line, end, &is_taken))
      return is_taken;
  return false;
}
