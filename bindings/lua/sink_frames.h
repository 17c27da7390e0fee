/*
** The call stacks of a log that pushes and pops frames, such as memray's: one
** for each thread. The log says which thread is next, and the frames that it
** pushes and pops. A frame has a number; Lua knows its text.
**
**   thread 7:  frame 12   frame 3   frame 40   frame 5
**              site 1     site 2    no site yet
**              '-- named: 2 --'
**
** The site of a frame depends on the site of its caller and on its number. It
** is defined when a request first needs it, because only then its text must be
** known. A request with frames that have no site yet is left to Lua, which
** names them: sink_frames_unnamed, sink_frames_name.
**
** Memory is bounded for every log: by the two limits, and by the sites.
*/
#ifndef SINK_FRAMES_H
#define SINK_FRAMES_H

#include "trace_writer.h"

#define FRAME_NUMBER_MAX UINT32_MAX
#define FRAMES_MAX (UINT32_C(1) << 20) /* on all stacks */
#define THREADS_MAX (1u << 16)         /* with frames */

struct sink_frame {
  uint32_t number;
  uint32_t site; /* valid if the frame is one of those that are named */
};

struct frame_stack {
  struct sink_frame *frames; /* outermost first */
  uint32_t count, capacity;
  uint32_t named; /* the first frames, which have a site */
};

struct sink_frames {
  struct idmap stacks; /* thread + 1 -> its stack, which has frames */
  struct idmap sites;  /* caller's site and frame number -> site */
  struct frame_stack current;
  uint64_t thread; /* that of 'current'; 0 before the log names one */
  uint32_t count;  /* frames on all stacks */
  bool has_failed; /* there was no memory */
};

/* false: there is no memory. */
bool sink_frames_open(struct sink_frames *frames);

/* A struct of zeros is allowed. */
void sink_frames_close(struct sink_frames *frames);

/* Pushes a frame on the current stack. false: a number or limit is exceeded. */
bool sink_frames_push(struct sink_frames *frames, uint64_t number);

/*
** The same at a depth, at most that of the stack: if another frame is there, it
** and those above it are popped first. A stack that begins like the one before
** keeps the sites of the frames that are equal.
*/
bool sink_frames_put(struct sink_frames *frames, uint32_t depth,
                     uint64_t number);

/* Pops frames, or all of them if there are not so many. */
void sink_frames_pop(struct sink_frames *frames, uint64_t count);

/* Goes on with the stack of a thread. false: a number or limit is exceeded. */
bool sink_frames_switch(struct sink_frames *frames, uint64_t thread);

/*
** Gets the site of the current stack, 0 for an empty one. false: a frame has
** none yet.
*/
bool sink_frames_site(struct sink_frames *frames, uint32_t *site);

/* The outermost frame without a site; NULL: there is none. */
const struct sink_frame *sink_frames_unnamed(struct sink_frames *frames);

/* The site of the frame that calls it. */
uint32_t sink_frames_caller(const struct sink_frames *frames);

/* Gives this frame its site, here and wherever the same frame calls it. */
void sink_frames_name(struct sink_frames *frames, uint32_t site);

#endif
