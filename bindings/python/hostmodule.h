/*
** The extension module _pymalloc_host, which the package pymalloc_host wraps.
*/
#ifndef HOSTMODULE_H
#define HOSTMODULE_H

PyMODINIT_FUNC PyInit__pymalloc_host(void);

#endif
