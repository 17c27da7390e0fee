/*
** The sink of importers without Lua: the lines that its templates match, and the
** requests of a log, become the lines of a trace.
*/
#ifndef SINK_LINES_H
#define SINK_LINES_H

#include "line_template.h"
#include "line_words.h"
#include "sink_calls.h"
#include "sink_frames.h"
#include "sink_kinds.h"
#include "sink_labels.h"

#define TEMPLATES_MAX 64u
#define RECENT_COUNT 4u

/*
** X(name, word): the kinds of requests in a line. Some logs have two lines for
** a realloc: realloc_old has the old address, realloc_new the new one and the
** size.
** The verbs with an id are for logs whose blocks have ids instead of addresses;
** next_malloc gives the number of mallocs before it as id. The verbs with a kind
** have the number of the kind as size; without kinds, that of a free is an
** address. site_malloc names a site that was defined before, or 0. site defines
** one, with the number of a label as size and the site of the caller; kind defines
** a kind, unless it is the first one. push has the
** number of a frame as id, pop the number of frames, thread that of a thread;
** stack_malloc is made at the site of the stack. The verbs that begin a call are
** for its first line, if it has two; the template behind theirs is for the
** second line, and its verb is call_ends.
*/
#define LINE_VERBS(X)                 \
  X(MALLOC, "malloc")                 \
  X(CALLOC, "calloc")                 \
  X(REALLOC, "realloc")               \
  X(FREE, "free")                     \
  X(REALLOC_OLD, "realloc_old")       \
  X(REALLOC_NEW, "realloc_new")       \
  X(ID_MALLOC, "id_malloc")           \
  X(ID_REALLOC, "id_realloc")         \
  X(ID_FREE, "id_free")               \
  X(NEXT_MALLOC, "next_malloc")       \
  X(KIND_MALLOC, "kind_malloc")       \
  X(KIND_FREE, "kind_free")           \
  X(SITE_MALLOC, "site_malloc")       \
  X(SITE, "site")                     \
  X(KIND, "kind")                     \
  X(PUSH, "push")                     \
  X(POP, "pop")                       \
  X(THREAD, "thread")                 \
  X(STACK_MALLOC, "stack_malloc")     \
  X(MALLOC_BEGINS, "malloc_begins")   \
  X(CALLOC_BEGINS, "calloc_begins")   \
  X(REALLOC_BEGINS, "realloc_begins") \
  X(FREE_BEGINS, "free_begins")       \
  X(CALL_ENDS, "call_ends")           \
  X(SKIP, "skip")

enum verb {
#define X(name, word) VERB_##name,
  LINE_VERBS(X)
#undef X
      VERB_COUNT
};

struct line_template {
  enum verb verb;
  const char *pattern; /* its owner is the caller of sink_add_template */
  unsigned char recent[RECENT_COUNT]; /* templates of lines behind one of it,
                                         the last one first */
};

struct sink_lines {
  struct trace_writer writer;
  struct line_template templates[TEMPLATES_MAX];
  unsigned template_count;
  unsigned last; /* the template that matched the line before */
  struct line_words words;
  bool has_processes; /* a line without a word may be of a new process */
  struct sink_processes processes;
  struct sink_kinds kinds;
  struct sink_labels labels;
  struct sink_frames frames;
  uint64_t others;
  uint64_t nested;        /* calls inside of another one */
  uint64_t moving;        /* address of realloc_old; 0: none */
  uint64_t request_limit; /* a line that goes beyond is left to Lua */
  uint64_t id_limit;      /* ids of lines are below */
};

/* The verb of a word; VERB_COUNT: there is none. */
enum verb sink_verb(const char *word, size_t bytes);

/* Adds a template "verb|pattern", which must stay as it is. */
bool sink_add_template(struct sink_lines *sink, const char *text);

/*
** Puts a request, or a change of the stacks. false: the verb needs a live id and
** this one is not live, or the other way round; or the id is not below the
** limit; or the request is one half of a realloc that does not fit the line
** before it; or its stack has a frame without a site; or a limit of the stacks
** is exceeded.
*/
bool sink_put(struct sink_lines *sink, enum verb verb,
              const struct line_fields *fields);

/*
** Takes a line, whose '\n' is at 'end', if it is a plain one: a template matches it,
** its process is known and inside of no call that Lua has read, and its request
** can be put; or it means nothing, as
** sink_skips_line says.
*/
bool sink_take_line(struct sink_lines *sink, const char *line, const char *end);

/* Does the line mean nothing, because it has no word and no new process? */
bool sink_skips_line(const struct sink_lines *sink, const char *line,
                     const char *end);

#endif
