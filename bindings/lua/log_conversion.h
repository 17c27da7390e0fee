/*
** Makes a trace of the records of a log.
*/
#ifndef LOG_CONVERSION_H
#define LOG_CONVERSION_H

#include <lua.h>

#include "log_reader.h"
#include "trace_writer.h"

#define LOG_SITES_REMEMBERED 4096u

struct conversion {
  struct log_reader reader;
  struct trace_writer writer;
  struct idmap pending; /* thread -> the block whose realloc has begun */
  struct idmap sites;   /* number in the log -> number in the trace, 'bytes' */
  struct {
    uint32_t in_log, in_trace;        /* both are not 0, or both are */
  } last_sites[LOG_SITES_REMEMBERED]; /* of 'sites', by the number in the log */
  struct idmap frames; /* hash of a frame and its caller -> site, 'bytes' */
  lua_State *L;
  int texts; /* index of the table of texts of return addresses; 0: none */
};

/*
** Writes the trace of an open log behind the text 'head'. false: the log is
** damaged, or writing has failed.
*/
bool conversion_run(struct conversion *conversion, FILE *log, const char *head);

#endif
