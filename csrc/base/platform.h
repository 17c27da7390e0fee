/*
** The parts of an operating system that not every platform has. Each macro is 1
** or 0. WebAssembly with WASI, the system of a module in a web page, has none of
** them; every other platform is a POSIX system, and has all.
**
**   PLATFORM_PROCESSES   starting programs, pipes to them, signals
**   PLATFORM_MAPPING     addresses that are reserved without memory (mmap)
**   PLATFORM_USAGE       counts of a process's page faults (getrusage)
**
** A part that needs one of them is a file of its own, with another file beside
** it for platforms without it. Only these files and api/options.c test the
** macros.
*/
#ifndef PLATFORM_H
#define PLATFORM_H

#ifdef __wasi__
#define PLATFORM_PROCESSES 0
#define PLATFORM_MAPPING 0
#define PLATFORM_USAGE 0
#else
#define PLATFORM_PROCESSES 1
#define PLATFORM_MAPPING 1
#define PLATFORM_USAGE 1
#endif

#endif
