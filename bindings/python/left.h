/*
** What is left of the heap that hosts when the process ends: a line that says
** it, after CPython's finalization.
*/
#ifndef LEFT_H
#define LEFT_H

/*
** Has the line written at the end of the file 'path', which has to last; NULL
** is stderr. Nothing is written where nothing was hosted.
*/
void left_report_at_exit(const char *path);

#endif
