/*
** errno of Emscripten's C library, in place of that of wasi-libc, whose other
** headers fit: the numbers of the errors are the same.
*/
#ifndef PYODIDE_ERRNO_H
#define PYODIDE_ERRNO_H

#include <__errno_values.h>

extern int *__errno_location(void);
#define errno (*__errno_location())

#endif
