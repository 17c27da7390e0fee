/*
** What is left of the heap that hosts when the process ends: a line that says
** it, after CPython's finalization.
*/
#ifndef EXIT_REPORT_H
#define EXIT_REPORT_H

/*
** Has the line written at the end of the file 'path', which has to last; NULL
** is stderr. Nothing is written where nothing was hosted.
*/
void exit_report_register(const char *path);

#endif
