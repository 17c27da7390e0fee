/*
** Unpacks a file by the system's tool for it: a program that runs as
** 'TOOL -dc', with the file as its standard input, and writes into a pipe. No
** shell is started. On a platform without processes every start fails.
**
** Tested by spec/unit/trace_spec.lua.
*/
#ifndef UNPACK_H
#define UNPACK_H

#include <sys/types.h>

#include "base/base.h"

/*
** Starts the tool that reads the descriptor 'from', which the caller still
** closes. Returns the descriptor to read the unpacked bytes from, and sets
** '*child'; -1: 'why' has the reason, and '*child' is not set.
*/
int unpack_start(const char *tool, int from, pid_t *child, char *why,
                 size_t why_bytes);

/*
** Waits until the tool has ended. false: it did not exit with 0. A process that
** ignores SIGCHLD cannot ask for the result; then it is true.
*/
bool unpack_wait(pid_t child);

/* Stops a tool that still runs. */
void unpack_stop(pid_t child);

#endif
