/*
** Fuzzes timelines: makes a trace of the input, with sites, marks and two
** interpreters, and moves in the requests of one of them. At each time the
** state is the same as when the timeline was there first, and every invariant
** holds.
*/
#include <stdio.h>
#include <string.h>

#include "input.h"

#include "report/state_hash.h"
#include "timeline/timeline.h"

#define REQUESTS 3000u /* over ten checkpoints */
#define IDS 64u

struct stage {
  char text[2 * REQUESTS * TRACE_LINE_BYTES]; /* a line may have a context */
  size_t text_bytes;
  size_t live_bytes[IDS]; /* 0: not live */
  uint32_t site_count;
  struct timeline *run;
  uint64_t hashes[REQUESTS + 1]; /* by time; 0: not seen yet */
};

/* Sizes of both sides of the threshold, and a few sizes near SIZE_MAX. */
static size_t next_size(struct input *input)
{
  unsigned word = input_word(input);
  return word >= 0xfff0 ? SIZE_MAX - (word & 15) : word % 700 + 1;
}

static void put(struct stage *stage, const struct trace_op *op)
{
  stage->text_bytes += trace_op_format(op, stage->text + stage->text_bytes);
}

/* A site, whose parent is any site or none; a mark; or an interpreter. */
static void write_context(struct stage *stage, struct input *input)
{
  uint8_t what = input_byte(input), more = input_byte(input);
  struct trace_op op = {
      .letter = TRACE_INTERPRETER, .count = more % 2, .text_bytes = more % 4};
  op.text = (const char *)input->bytes;
  if (op.text_bytes > input->left)
    op.text_bytes = 0;
  if (what == 0x7f) {
    op.letter = TRACE_OFFSET;
    op.count = (uint64_t)more * 512;
  } else if (what % 3 == 0) {
    op.letter = TRACE_SITE;
    op.parent = more % (stage->site_count + 1);
    op.site = ++stage->site_count;
  } else if (what % 3 == 1)
    op.letter = TRACE_MARK;
  put(stage, &op);
}

static void write_line(struct stage *stage, struct input *input)
{
  uint8_t what = input_byte(input);
  size_t id = input_byte(input) % IDS;
  bool is_live = stage->live_bytes[id] != 0;
  struct trace_op op = {.letter = TRACE_MALLOC,
                        .site = what % (stage->site_count + 1),
                        .id = id + 1};
  if (what % 32 == 31 && what != 0xff)
    write_context(stage, input);
  if (what == 0xff) {
    op.letter = TRACE_ALLOW;
    op.count = id % 5 == 0 ? UINT64_MAX : id % 5 - 1;
  } else if (is_live && what % 4 != 0 && what < 0xfe) {
    op.letter = TRACE_FREE;
  } else {
    if (is_live && what < 0xfe) /* 0xfe: an error, if live */
      op.letter = TRACE_REALLOC;
    op.bytes = next_size(input);
  }
  if (what < 0xfe)
    stage->live_bytes[id] = !is_live || what % 4 == 0;
  put(stage, &op);
}

/* The trace is kept whole: its sites have parents that are defined before. */
static void prove_trace(const struct stage *stage)
{
  const struct loaded_trace *loaded = &stage->run->trace;
  MUST(loaded->tree.count == stage->site_count);
  for (uint32_t i = 1; i <= stage->site_count; i++)
    MUST(site_tree_get(&loaded->tree, i)->parent < i);
  for (size_t i = 1; i <= loaded->count; i++)
    MUST(loaded_trace_site(loaded, i) <= stage->site_count);
  for (size_t i = 0; i < loaded->mark_count; i++)
    MUST(loaded->marks[i].after <= loaded->count &&
         loaded->marks[i].text.offset + loaded->marks[i].text.bytes <=
             loaded->texts.count);
}

/* The result is a time of the timeline, whose own time does not change. */
static void find_most(struct stage *stage, unsigned figure)
{
  uint64_t at = stage->run->at;
  MUST(timeline_most(stage->run, (enum timeline_figure)(figure % 2)) <=
       timeline_length(stage->run));
  MUST(stage->run->at == at);
}

static void prove_state(struct stage *stage)
{
  uint64_t *hash = &stage->hashes[stage->run->at];
  uint64_t now = state_hash(stage->run->heap);
  MUST(*hash == 0 || *hash == now);
  *hash = now;
  MUST(pym_check(stage->run->heap, NULL));
}

static struct timeline_wanted next_wanted(struct input *input)
{
  struct timeline_wanted wanted = {.kinds = (uint64_t)1
                                            << input_byte(input) % 40,
                                   .szidx = EVENT_NOWHERE,
                                   .field = EVENT_FIELD_COUNT};
  uint8_t szidx = input_byte(input);
  if (szidx < 64)
    wanted.szidx = szidx;
  return wanted;
}

/* The request that a search has found has an event of a wanted kind. */
static void prove_found(const struct timeline *run,
                        const struct timeline_wanted *wanted)
{
  for (size_t i = 0; i < run->events.count; i++)
    if ((wanted->kinds >> run->events.items[i].kind & 1) != 0)
      return;
  MUST(false);
}

static void what_if(struct stage *stage, size_t id)
{
  struct timeline_events events;
  const struct timeline_live *live = timeline_find_id(stage->run, id);
  if (live == NULL)
    return;
  MUST(timeline_find_block(stage->run, live->block) != NULL);
  MUST(loaded_trace_id(&stage->run->trace, live->request) == id);
  MUST(timeline_what_if_free(stage->run, live->block, &events));
  timeline_events_close(&events);
}

static void move(struct stage *stage, struct input *input)
{
  struct event event;
  struct timeline *run = stage->run;
  uint64_t at = run->at;
  uint8_t how = input_byte(input);
  struct timeline_wanted wanted = next_wanted(input);
  if (how % 5 == 0 && timeline_forward(run, &wanted)) {
    prove_found(run, &wanted);
    MUST(run->at > at);
  } else if (how % 5 == 1 && timeline_backward(run, &wanted)) {
    prove_found(run, &wanted);
    MUST(run->at < at);
  } else if (how % 5 == 2) {
    bool is_there = timeline_last(run, &wanted, &event);
    MUST(run->at == at && (!is_there || event.request <= at));
  } else if (how % 5 == 3) {
    what_if(stage, how % IDS + 1u);
    find_most(stage, how);
  } else if (timeline_seek(run,
                           input_word(input) % (timeline_length(run) + 1))) {
    MUST(run->error[0] == '\0' || run->at < timeline_length(run));
  }
  prove_state(stage);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
  static struct stage stage;
  char why[TIMELINE_ERROR_BYTES];
  struct input input = {bytes, count};
  pym_options options = pym_options_default();
  stage = (struct stage){0};
  options.geometry = input_geometry(&input);
  options.reserve_bytes = (size_t)4 << 20;
  options.max_arenas = input_byte(&input) % 2 == 0 ? SIZE_MAX : 20;
  size_t moves = input_byte(&input);
  for (size_t i = 0; i < REQUESTS && input.left > 8 * moves; i++)
    write_line(&stage, &input);
  struct trace *trace = trace_open_text(stage.text, stage.text_bytes, "fuzz");
  MUST(trace != NULL);
  stage.run = timeline_open(trace, moves % 2, &options, why, sizeof why);
  MUST(stage.run != NULL);
  prove_trace(&stage);
  prove_state(&stage);
  while (input.left > 0)
    move(&stage, &input);
  timeline_close(stage.run);
  trace_close(trace);
  return 0;
}
