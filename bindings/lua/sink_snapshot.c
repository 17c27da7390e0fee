#include "sink_snapshot.h"

#include <stdlib.h>
#include <string.h>

bool sink_snapshot_add(struct sink_snapshot *snapshot, const char *piece,
                       size_t bytes)
{
  if (bytes > snapshot->capacity - snapshot->text_bytes) {
    size_t needed = snapshot->text_bytes + bytes, capacity = needed * 2;
    char *text = capacity > needed ? realloc(snapshot->text, capacity) : NULL;
    if (text == NULL)
      return false;
    snapshot->text = text;
    snapshot->capacity = capacity;
  }
  if (bytes > 0)
    memcpy(snapshot->text + snapshot->text_bytes, piece, bytes);
  snapshot->text_bytes += bytes;
  return true;
}

void sink_snapshot_close(struct sink_snapshot *snapshot)
{
  pickle_close(&snapshot->pickle);
  free(snapshot->text);
  *snapshot = (struct sink_snapshot){.text = NULL};
}

/* The request that an event has. */
struct request {
  bool is_malloc;
  uint64_t address, size;
  struct pickle_list *stack; /* NULL: none */
};

/* Gets a number of an event. false: it has no such number. */
static bool get_number(const struct pickle *pickle,
                       const struct pickle_list *event, struct pickle_key *key,
                       uint64_t *number)
{
  int64_t integer;
  if (!pickle_integer(pickle, pickle_get(pickle, event, key), &integer))
    return false;
  *number = (uint64_t)integer;
  return true;
}

/* false: the event is not a request. */
static bool read_request(struct sink_snapshot *snapshot,
                         const struct pickle_list *event,
                         struct request *request)
{
  const struct pickle *pickle = &snapshot->pickle;
  pickle_value action = pickle_get(pickle, event, &snapshot->action);
  request->is_malloc = pickle_is(pickle, action, "alloc");
  if (!request->is_malloc &&
      !pickle_is(pickle, action,
                 snapshot->has_completed ? "free_completed" : "free_requested"))
    return false;
  if (!get_number(pickle, event, &snapshot->address, &request->address) ||
      request->address == 0)
    return false;
  if (!request->is_malloc)
    return true;
  request->stack = pickle_list(pickle_get(pickle, event, &snapshot->frames));
  return get_number(pickle, event, &snapshot->size, &request->size);
}

/* Pushes the frames of a stack, the outermost first. */
static enum snapshot_stop push_frames(struct sink_snapshot *snapshot,
                                      const struct pickle_list *stack,
                                      struct sink_frames *frames)
{
  for (; snapshot->pushed < stack->count; snapshot->pushed++) {
    struct pickle_list *frame =
        pickle_dict(stack->items[stack->count - 1 - snapshot->pushed]);
    snapshot->frame = frame;
    if (frame != NULL && frame->number == 0)
      return SNAPSHOT_FRAME;
    if (!sink_frames_put(frames, snapshot->pushed,
                         frame != NULL ? frame->number : 0))
      return SNAPSHOT_DEEP;
  }
  sink_frames_pop(frames, frames->current.count - stack->count);
  return sink_frames_unnamed(frames) == NULL ? SNAPSHOT_ON : SNAPSHOT_UNNAMED;
}

/*
** Gets the site of a stack. Its list keeps it, plus 1, because many events may
** have the same list.
*/
static enum snapshot_stop find_site(struct sink_snapshot *snapshot,
                                    struct pickle_list *stack,
                                    struct sink_frames *frames, uint32_t *site)
{
  *site = 0;
  if (stack == NULL)
    return SNAPSHOT_ON;
  if (stack->number == 0) {
    enum snapshot_stop stop = push_frames(snapshot, stack, frames);
    if (stop != SNAPSHOT_ON)
      return stop;
    stack->number = sink_frames_caller(frames) + 1;
    snapshot->pushed = 0;
  }
  *site = stack->number - 1;
  return SNAPSHOT_ON;
}

static enum snapshot_stop put_event(struct sink_snapshot *snapshot,
                                    pickle_value event,
                                    struct sink_frames *frames,
                                    struct trace_writer *writer)
{
  struct request request = {0};
  if (!read_request(snapshot, pickle_dict(event), &request))
    return SNAPSHOT_ON;
  if (!request.is_malloc) {
    trace_put_free(writer, request.address);
    return SNAPSHOT_ON;
  }
  enum snapshot_stop stop =
      find_site(snapshot, request.stack, frames, &writer->site);
  if (stop == SNAPSHOT_ON)
    trace_put_malloc(writer, request.address, request.size);
  return stop;
}

enum snapshot_stop sink_snapshot_put(struct sink_snapshot *snapshot,
                                     uint32_t most, struct sink_frames *frames,
                                     struct trace_writer *writer)
{
  const struct pickle_list *events = snapshot->events;
  for (; events != NULL && snapshot->next < events->count; snapshot->next++) {
    if (most-- == 0)
      return SNAPSHOT_PAUSE;
    enum snapshot_stop stop =
        put_event(snapshot, events->items[snapshot->next], frames, writer);
    if (stop != SNAPSHOT_ON)
      return stop;
  }
  return SNAPSHOT_END;
}

/* Has the trace of the device events of frees that are completed? */
static bool has_completed(struct sink_snapshot *snapshot)
{
  const struct pickle *pickle = &snapshot->pickle;
  const struct pickle_list *events = snapshot->events;
  for (uint32_t i = 0; events != NULL && i < events->count; i++)
    if (pickle_is(pickle,
                  pickle_get(pickle, pickle_dict(events->items[i]),
                             &snapshot->action),
                  "free_completed"))
      return true;
  return false;
}

bool sink_snapshot_find(struct sink_snapshot *snapshot)
{
  struct pickle_key traces = {.word = "device_traces"};
  const struct pickle *pickle = &snapshot->pickle;
  const struct pickle_list *devices =
      pickle_list(pickle_get(pickle, pickle_dict(pickle->root), &traces));
  if (devices == NULL)
    return false;
  snapshot->action.word = "action";
  snapshot->address.word = "addr";
  snapshot->size.word = "size";
  snapshot->frames.word = "frames";
  for (uint32_t i = 0; i < devices->count; i++) {
    const struct pickle_list *events = pickle_list(devices->items[i]);
    if (snapshot->events != NULL && events != NULL)
      snapshot->others += events->count;
    else if (events != NULL && events->count > 0)
      snapshot->events = events;
  }
  snapshot->has_completed = has_completed(snapshot);
  return true;
}
