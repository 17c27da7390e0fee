/*
** The extension module _pymalloc_host, which the package pymalloc_host wraps.
*/
#ifndef HOSTMODULE_H
#define HOSTMODULE_H

PyMODINIT_FUNC PyInit__pymalloc_host(void);

/*
** Tells, when the process ends, what is left of the heap: a line at the end of
** the file 'path', which has to last; NULL is stderr.
*/
void host_report_at_exit(const char *path);

#endif
