/*
** The requests of a snapshot of PyTorch's CUDA memory: a pickle with a list of
** events for each device. An event is a dict; its stack is a list of frames, the
** innermost first, and a frame is a dict too (0 is the number of any other value). The pickle has each frame once, so
** that a frame gets a number when it comes first, from Lua, which makes its text.
*/
#ifndef SINK_SNAPSHOT_H
#define SINK_SNAPSHOT_H

#include "pickle.h"
#include "sink_frames.h"

struct sink_snapshot {
  char *text; /* of the pickle */
  size_t text_bytes, capacity;
  struct pickle pickle;
  struct pickle_key action, address, size, frames; /* of an event */
  const struct pickle_list *events; /* of the first device with any, or NULL */
  struct pickle_list *frame;        /* the dict that needs a number */
  uint64_t others;                  /* events of other devices */
  uint32_t next;                    /* the event to be put */
  uint32_t pushed;                  /* frames of its stack that are pushed */
  bool has_completed;               /* frees are requested and completed */
};

/* What ends sink_snapshot_put. */
enum snapshot_stop {
  SNAPSHOT_ON,      /* nothing: not a result */
  SNAPSHOT_END,     /* there is no other event */
  SNAPSHOT_PAUSE,   /* as many events were put as was asked for */
  SNAPSHOT_FRAME,   /* 'frame' has no number, which must be set, from 1 on */
  SNAPSHOT_UNNAMED, /* a frame of the stack has no site: sink_frames_name */
  SNAPSHOT_DEEP     /* the stack has more than FRAMES_MAX frames */
};

/* Adds to the text. false: there is no memory. */
bool sink_snapshot_add(struct sink_snapshot *snapshot, const char *piece,
                       size_t bytes);

/* Finds the events of the pickle, which was read. false: there are none. */
bool sink_snapshot_find(struct sink_snapshot *snapshot);

/* Puts the next events, 'most' of them. */
enum snapshot_stop sink_snapshot_put(struct sink_snapshot *snapshot,
                                     uint32_t most, struct sink_frames *frames,
                                     struct trace_writer *writer);

/* A struct of zeros is allowed. */
void sink_snapshot_close(struct sink_snapshot *snapshot);

#endif
