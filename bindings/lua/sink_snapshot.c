#include "sink_snapshot.h"

#include <stdlib.h>

void sink_snapshot_close(struct sink_snapshot *snapshot)
{
  pickle_close(&snapshot->pickle);
  free(snapshot->frames);
  *snapshot = (struct sink_snapshot){.frames = NULL};
}

/* The keys of an event, in the order of 'event_keys'. */
enum event_key { EVENT_ACTION, EVENT_ADDRESS, EVENT_SIZE, EVENT_FRAMES };

/* The request that an event has. */
struct request {
  bool is_malloc;
  uint64_t address, size;
  pickle_value stack; /* NULL: none */
};

/* Gets a number of an event. false: it has no such number. */
static bool get_number(pickle_value value, uint64_t *number)
{
  int64_t integer;
  if (!pickle_integer(value, &integer))
    return false;
  *number = (uint64_t)integer;
  return true;
}

/* false: the event is not a request. */
static bool read_request(struct sink_snapshot *snapshot, pickle_value event,
                         struct request *request)
{
  pickle_value values[PICKLE_KEYS_MAX];
  pickle_get(&snapshot->pickle, event, &snapshot->event_keys, values);
  request->is_malloc = pickle_is(values[EVENT_ACTION], "alloc");
  if (!request->is_malloc &&
      !pickle_is(values[EVENT_ACTION],
                 snapshot->has_completed ? "free_completed" : "free_requested"))
    return false;
  if (!get_number(values[EVENT_ADDRESS], &request->address) ||
      request->address == 0)
    return false;
  request->stack = values[EVENT_FRAMES];
  return !request->is_malloc || get_number(values[EVENT_SIZE], &request->size);
}

/* Adds to the frames of the stack. false: there is no memory. */
static bool add_frame(struct sink_snapshot *snapshot, pickle_value frame)
{
  if (snapshot->count == snapshot->capacity) {
    uint32_t capacity = snapshot->capacity * 2 + 64;
    pickle_value *frames =
        realloc(snapshot->frames, capacity * sizeof frames[0]);
    if (frames == NULL)
      return false;
    snapshot->frames = frames;
    snapshot->capacity = capacity;
  }
  snapshot->frames[snapshot->count++] = frame;
  return true;
}

/* Gets the frames of a stack, unless the last call has done so. */
static enum snapshot_stop get_frames(struct sink_snapshot *snapshot,
                                     pickle_value stack,
                                     struct pickle_walk walk)
{
  if (snapshot->stack == stack)
    return SNAPSHOT_ON;
  snapshot->count = snapshot->pushed = 0;
  pickle_value frame = pickle_next(&snapshot->pickle, &walk);
  for (; frame != NULL; frame = pickle_next(&snapshot->pickle, &walk)) {
    if (snapshot->count == FRAMES_MAX)
      return SNAPSHOT_DEEP;
    if (!add_frame(snapshot, frame))
      return SNAPSHOT_SHORT;
  }
  snapshot->stack = stack;
  return SNAPSHOT_ON;
}

/* The number of a frame. false: it has none yet. */
static bool get_frame_number(pickle_value frame, uint32_t *number)
{
  struct pickle_walk walk;
  bool is_frame = pickle_dict(frame, &walk);
  *number = is_frame ? pickle_number(frame) : 0;
  return !is_frame || *number != 0;
}

/* Pushes the frames of the stack, the outermost first. */
static enum snapshot_stop push_frames(struct sink_snapshot *snapshot,
                                      struct sink_frames *frames)
{
  for (; snapshot->pushed < snapshot->count; snapshot->pushed++) {
    uint32_t number;
    pickle_value frame =
        snapshot->frames[snapshot->count - 1 - snapshot->pushed];
    if (!get_frame_number(frame, &number)) {
      snapshot->frame = frame;
      return SNAPSHOT_FRAME;
    }
    if (!sink_frames_put(frames, snapshot->pushed, number))
      return SNAPSHOT_DEEP;
  }
  sink_frames_pop(frames, frames->current.count - snapshot->count);
  return sink_frames_unnamed(frames) == NULL ? SNAPSHOT_ON : SNAPSHOT_UNNAMED;
}

/*
** Gets the site of a stack. Its list keeps it, plus 1, because many events may
** have the same list.
*/
static enum snapshot_stop find_site(struct sink_snapshot *snapshot,
                                    pickle_value stack,
                                    struct sink_frames *frames, uint32_t *site)
{
  struct pickle_walk walk;
  *site = 0;
  if (!pickle_list(stack, &walk))
    return SNAPSHOT_ON;
  if (pickle_number(stack) == 0) {
    enum snapshot_stop stop = get_frames(snapshot, stack, walk);
    if (stop == SNAPSHOT_ON)
      stop = push_frames(snapshot, frames);
    if (stop != SNAPSHOT_ON)
      return stop;
    pickle_set_number(stack, sink_frames_caller(frames) + 1);
    snapshot->stack = NULL;
  }
  *site = pickle_number(stack) - 1;
  return SNAPSHOT_ON;
}

static enum snapshot_stop put_event(struct sink_snapshot *snapshot,
                                    pickle_value event,
                                    struct sink_frames *frames,
                                    struct trace_writer *writer)
{
  struct request request = {0};
  if (!read_request(snapshot, event, &request))
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
  for (;; most--) {
    struct pickle_walk next = snapshot->events;
    pickle_value event = pickle_next(&snapshot->pickle, &next);
    if (event == NULL)
      return SNAPSHOT_END;
    if (most == 0)
      return SNAPSHOT_PAUSE;
    enum snapshot_stop stop = put_event(snapshot, event, frames, writer);
    if (stop != SNAPSHOT_ON)
      return stop;
    snapshot->events = next;
  }
}

/* Has the trace of the device events of frees that are completed? */
static bool has_completed(struct sink_snapshot *snapshot)
{
  pickle_value event, values[PICKLE_KEYS_MAX];
  struct pickle_walk walk = snapshot->events;
  while ((event = pickle_next(&snapshot->pickle, &walk)) != NULL) {
    pickle_get(&snapshot->pickle, event, &snapshot->event_keys, values);
    if (pickle_is(values[EVENT_ACTION], "free_completed"))
      return true;
  }
  return false;
}

bool sink_snapshot_find(struct sink_snapshot *snapshot)
{
  struct pickle *pickle = &snapshot->pickle;
  struct pickle_keys keys = {.words = {"device_traces"}};
  struct pickle_walk devices, events;
  pickle_value traces;
  pickle_get(pickle, pickle->root, &keys, &traces);
  if (!pickle_list(traces, &devices))
    return false;
  for (pickle_value device; (device = pickle_next(pickle, &devices)) != NULL;)
    if (!pickle_list(device, &events))
      continue;
    else if (snapshot->events.at != NULL)
      snapshot->others += pickle_count(pickle, events);
    else if (pickle_count(pickle, events) > 0)
      snapshot->events = events;
  snapshot->event_keys =
      (struct pickle_keys){.words = {[EVENT_ACTION] = "action",
                                     [EVENT_ADDRESS] = "addr",
                                     [EVENT_SIZE] = "size",
                                     [EVENT_FRAMES] = "frames"}};
  snapshot->has_completed = has_completed(snapshot);
  return true;
}
