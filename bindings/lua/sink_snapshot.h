/*
** The requests of a snapshot of PyTorch's CUDA memory: a pickle with a list of
** events for each device. An event is a dict; its stack is a list of frames, the
** innermost first, and a frame is a dict too (0 is the number of any other value).
** The pickle has each frame once, so that a frame gets a number when it comes
** first, from Lua, which makes its text.
*/
#ifndef SINK_SNAPSHOT_H
#define SINK_SNAPSHOT_H

#include "pickle.h"
#include "sink_frames.h"

struct sink_snapshot {
  struct pickle pickle;
  bool is_read;
  struct pickle_keys event_keys;
  struct pickle_walk events; /* of the first device with any, the next ones */
  uint64_t others;           /* events of other devices */
  bool has_completed;        /* frees are requested and completed */

  pickle_value frame;   /* the dict that needs a number */
  pickle_value stack;   /* the list whose frames are pushed; or NULL */
  pickle_value *frames; /* of it, the innermost first */
  uint32_t count, capacity;
  uint32_t pushed; /* how many of them are pushed, the outermost first */
};

/* What ends sink_snapshot_put. */
enum snapshot_stop {
  SNAPSHOT_ON,      /* nothing: not a result */
  SNAPSHOT_END,     /* there is no other event */
  SNAPSHOT_PAUSE,   /* as many events were put as was asked for */
  SNAPSHOT_FRAME,   /* 'frame' has no number, which must be set, from 1 on */
  SNAPSHOT_UNNAMED, /* a frame of the stack has no site: sink_frames_name */
  SNAPSHOT_DEEP,    /* the stack has more than FRAMES_MAX frames */
  SNAPSHOT_SHORT    /* there is no memory */
};

/* Finds the events of the pickle, which was read. false: there are none. */
bool sink_snapshot_find(struct sink_snapshot *snapshot);

/* Puts the next events, 'most' of them. */
enum snapshot_stop sink_snapshot_put(struct sink_snapshot *snapshot,
                                     uint32_t most, struct sink_frames *frames,
                                     struct trace_writer *writer);

/* A struct of zeros is allowed. */
void sink_snapshot_close(struct sink_snapshot *snapshot);

#endif
