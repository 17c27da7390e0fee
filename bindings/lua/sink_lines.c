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

struct process *sink_find_process(struct sink_lines *sink, uint64_t number)
{
  for (unsigned i = 0; i < sink->process_count; i++)
    if (sink->processes[i].number == number)
      return &sink->processes[i];
  return NULL;
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
  case VERB_PUSH:
    return sink_frames_push(&sink->frames, fields->id);
  case VERB_POP:
    sink_frames_pop(&sink->frames, fields->id);
    return true;
  case VERB_THREAD:
    return sink_frames_switch(&sink->frames, fields->id);
  case VERB_STACK_MALLOC:
    return put_at_stack(sink, fields);
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

/* Takes a line that a template matches. false: it is left to Lua. */
static bool take(struct sink_lines *sink, const struct line_template *template,
                 const struct line_fields *fields)
{
  if (template->verb == VERB_SKIP)
    return true;
  if (is_doubtful(sink, template->verb, fields) ||
      sink->writer.requests >= sink->request_limit)
    return false;
  if (fields->process != 0) {
    const struct process *process = sink_find_process(sink, fields->process);
    if (process == NULL)
      return false;
    sink->others += !process->is_own;
    if (!process->is_own)
      return true;
  }
  return sink_put(sink, template->verb, fields);
}

/*
** Lines repeat each other: first the templates are tried that have matched a
** line behind one like the line before, the last one first; then all in their
** order, in which the common ones are in front.
*/
bool sink_take_line(struct sink_lines *sink, const char *line, const char *end)
{
  unsigned char *recent = sink->templates[sink->last].recent;
  for (unsigned i = 0; i < RECENT_COUNT + sink->template_count; i++) {
    unsigned number = i < RECENT_COUNT ? recent[i] : i - RECENT_COUNT;
    struct line_fields fields = {0};
    const struct line_template *template = &sink->templates[number];
    if (number >= sink->template_count ||
        !line_template_match(template->pattern, line, end, &fields))
      continue;
    memmove(recent + 1, recent, i < RECENT_COUNT ? i : RECENT_COUNT - 1);
    recent[0] = (unsigned char)number;
    sink->last = number;
    return take(sink, template, &fields);
  }
  return false;
}
