#include "argument.h"
#include "trace_sink_type.h"

/*
** {==================================================================
** Sites and stacks
** ===================================================================
*/

/* sink:site(parent, text): defines a site. Returns its number. */
static int site(lua_State *L)
{
  size_t bytes;
  struct trace_sink *sink = trace_sink_check(L);
  uint64_t parent = trace_sink_number(L, 2);
  const char *text = luaL_checklstring(L, 3, &bytes);
  if (parent > sink->lines.writer.sites)
    return luaL_error(L, "pymalloc: sink:site: parent is not defined");
  lua_pushinteger(L, (lua_Integer)trace_put_site(
                         &sink->lines.writer, (uint32_t)parent, text, bytes));
  trace_sink_fail_if_short(L, sink);
  return 1;
}

/* sink:label(text): adds a label, with the next number, from 1 on. */
static int add_label(lua_State *L)
{
  size_t bytes;
  struct trace_sink *sink = trace_sink_check(L);
  const char *text = luaL_checklstring(L, 2, &bytes);
  if (!sink_labels_add(&sink->lines.labels, text, bytes))
    return luaL_error(L, "not enough memory");
  return 0;
}

/***
** sink:labelled(parent, number): defines a site whose text is a label, or the
** number if it is not that of a label. A parent that is not defined is none.
** @local
*/
static int labelled_site(lua_State *L)
{
  struct trace_sink *sink = trace_sink_check(L);
  (void)sink_labels_site(&sink->lines.labels, &sink->lines.writer,
                         trace_sink_number(L, 2), trace_sink_number(L, 3));
  trace_sink_fail_if_short(L, sink);
  return 0;
}

/* sink:sites(): how many sites are defined. */
static int count_sites(lua_State *L)
{
  const struct trace_sink *sink = trace_sink_check(L);
  lua_pushinteger(L, (lua_Integer)sink->lines.writer.sites);
  return 1;
}

/* sink:at(site): the next requests are made there; 0: it is not known where. */
static int set_site(lua_State *L)
{
  struct trace_sink *sink = trace_sink_check(L);
  uint64_t number = trace_sink_number(L, 2);
  if (number > sink->lines.writer.sites)
    return luaL_error(L, "pymalloc: sink:at: the site is not defined");
  sink->lines.writer.site = (uint32_t)number;
  return 0;
}

/***
** sink:unnamed(): the number of the outermost frame of the stack that has no
** site yet; nil: each has one.
** @local
*/
static int unnamed(lua_State *L)
{
  struct trace_sink *sink = trace_sink_check(L);
  const struct sink_frame *frame = sink_frames_unnamed(&sink->lines.frames);
  if (frame == NULL)
    lua_pushnil(L);
  else
    lua_pushinteger(L, (lua_Integer)frame->number);
  return 1;
}

/* sink:name(text): defines the site of this frame. */
static int name_frame(lua_State *L)
{
  size_t bytes;
  struct trace_sink *sink = trace_sink_check(L);
  struct sink_frames *frames = &sink->lines.frames;
  const char *text = luaL_checklstring(L, 2, &bytes);
  if (sink_frames_unnamed(frames) == NULL)
    return luaL_error(L, "pymalloc: sink:name: no frame lacks a site");
  sink_frames_name(frames,
                   trace_put_site(&sink->lines.writer,
                                  sink_frames_caller(frames), text, bytes));
  trace_sink_fail_if_short(L, sink);
  return 0;
}

/* sink:kind(size, site): adds a kind of allocation, with the next number. */
static int add_kind(lua_State *L)
{
  struct trace_sink *sink = trace_sink_check(L);
  uint64_t size = trace_sink_number(L, 2), number = trace_sink_number(L, 3);
  if (number > sink->lines.writer.sites)
    return luaL_error(L, "pymalloc: sink:kind: the site is not defined");
  if (!sink_kinds_add(&sink->lines.kinds, size, (uint32_t)number))
    return luaL_error(L, "not enough memory");
  return 0;
}

/* }================================================================== */

/*
** {==================================================================
** Snapshots
** ===================================================================
*/

/***
** sink:add(piece): reads on in the pickle of the snapshot. Returns false if it cannot be read.
** @local
*/
static int add_piece(lua_State *L)
{
  size_t bytes;
  struct trace_sink *sink = trace_sink_check(L);
  const char *piece = luaL_checklstring(L, 2, &bytes);
  if (sink->snapshot.is_read)
    return luaL_error(L, "pymalloc: sink:add: the pickle was read");
  struct pickle *pickle = &sink->snapshot.pickle;
  lua_pushboolean(L, pickle_add(pickle, piece, bytes));
  if (pickle->problem == PICKLE_NO_MEMORY)
    return luaL_error(L, "%s", pickle->problem);
  return 1;
}

/***
** sink:snapshot(): ends the pickle. Returns the number of events of devices
** that are left out; or nil and a message.
** @local
*/
static int read_snapshot(lua_State *L)
{
  struct sink_snapshot *snapshot = &trace_sink_check(L)->snapshot;
  struct pickle *pickle = &snapshot->pickle;
  if (snapshot->is_read)
    return luaL_error(L, "pymalloc: sink:snapshot: the pickle was read");
  snapshot->is_read = true;
  bool is_whole = pickle_end(pickle);
  if (is_whole && sink_snapshot_find(snapshot)) {
    lua_pushinteger(L, (lua_Integer)snapshot->others);
    return 1;
  }
  lua_pushnil(L);
  if (is_whole)
    lua_pushliteral(L, "the snapshot has no device_traces: record with "
                       "_record_memory_history first");
  else
    lua_pushfstring(L, "%s at byte %I", pickle->problem,
                    (LUAI_UACINT)pickle->at + 1);
  return 2;
}

/* Pushes "frame" and fields of the frame, each a string, an integer or nil. */
static int push_frame(lua_State *L)
{
  const struct sink_snapshot *snapshot = &trace_sink_check(L)->snapshot;
  struct pickle_keys keys = {.words = {"filename", "line", "name"}};
  pickle_value fields[PICKLE_KEYS_MAX];
  pickle_get(&snapshot->pickle, snapshot->frame, &keys, fields);
  lua_pushliteral(L, "frame");
  for (unsigned i = 0; i < 3; i++) {
    size_t bytes;
    const char *text = pickle_text(fields[i], &bytes);
    int64_t integer;
    if (text != NULL)
      lua_pushlstring(L, text, bytes);
    else if (pickle_integer(fields[i], &integer))
      lua_pushinteger(L, integer);
    else
      lua_pushnil(L);
  }
  return 4;
}

#define EVENTS_A_TIME 65536u

/***
** sink:events(): puts the next events of the snapshot. Returns why it has
** stopped: nil at the end; "pause"; "unnamed", if a frame of the stack has no
** site; "deep", if the stack has too many frames; or "frame", filename, line and
** name of a frame that has no number: sink:frame(number) gives it one.
** @local
*/
static int put_events(lua_State *L)
{
  struct trace_sink *sink = trace_sink_check(L);
  struct sink_snapshot *snapshot = &sink->snapshot;
  enum snapshot_stop stop = sink_snapshot_put(
      snapshot, EVENTS_A_TIME, &sink->lines.frames, &sink->lines.writer);
  trace_sink_fail_if_short(L, sink);
  switch (stop) {
  case SNAPSHOT_PAUSE:
    lua_pushliteral(L, "pause");
    return 1;
  case SNAPSHOT_UNNAMED:
    lua_pushliteral(L, "unnamed");
    return 1;
  case SNAPSHOT_FRAME:
    return push_frame(L);
  case SNAPSHOT_DEEP:
    lua_pushliteral(L, "deep");
    return 1;
  case SNAPSHOT_SHORT:
    return luaL_error(L, "%s", PICKLE_NO_MEMORY);
  case SNAPSHOT_ON:
  case SNAPSHOT_END:
    break;
  }
  return 0;
}

/* sink:frame(number): the number of the frame of sink:events. */
static int number_frame(lua_State *L)
{
  struct trace_sink *sink = trace_sink_check(L);
  lua_Integer number =
      binding_check_integer(L, 2, "sink:frame: number", 1, FRAME_NUMBER_MAX);
  if (sink->snapshot.frame == NULL)
    return luaL_error(L, "pymalloc: sink:frame: no frame lacks a number");
  pickle_set_number(sink->snapshot.frame, (uint32_t)number);
  sink->snapshot.frame = NULL;
  return 0;
}

/* }================================================================== */

static const luaL_Reg methods[] = {{"site", site},
                                   {"label", add_label},
                                   {"labelled", labelled_site},
                                   {"sites", count_sites},
                                   {"at", set_site},
                                   {"kind", add_kind},
                                   {"unnamed", unnamed},
                                   {"name", name_frame},
                                   {"add", add_piece},
                                   {"snapshot", read_snapshot},
                                   {"events", put_events},
                                   {"frame", number_frame},
                                   {NULL, NULL}};

void binding_add_sites_to_sink(lua_State *L)
{
  luaL_setfuncs(L, methods, 0);
}
