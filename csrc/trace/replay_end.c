#include "trace/replay_parts.h"

#include <stdio.h>

void replay_end_with(struct replay *replay, enum replay_status status,
                     const char *text)
{
  replay->status = status;
  replay->error.line = replay->line;
  (void)snprintf(replay->error.text, sizeof replay->error.text, "%s", text);
}

void replay_fail_at(struct replay *replay, enum replay_status status,
                    const char *text)
{
  char where[TRACE_ERROR_BYTES / 2];
  trace_where(replay->trace, replay->line, where, sizeof where);
  replay_end_with(replay, status, "");
  (void)snprintf(replay->error.text, sizeof replay->error.text, "%s: %s", where,
                 text);
}
