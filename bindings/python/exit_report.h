/*
** A line about the hosting heap, written when the process ends, after the
** finalization of CPython.
*/
#ifndef EXIT_REPORT_H
#define EXIT_REPORT_H

/*
** Registers the report. The line is added to the file 'path', a string that
** must stay valid, or written to stderr if 'path' is NULL. If nothing was
** hosted, nothing is written.
*/
void exit_report_register(const char *path);

#endif
