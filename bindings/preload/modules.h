/*
** Writes to the log which files are mapped at which addresses, so that return
** addresses can be told as lines of source after the program has ended.
*/
#ifndef MODULES_H
#define MODULES_H

#include <stdbool.h>
#include <stdint.h>

/* Finds the addresses of the recorder itself. */
void modules_open(void);

/* Is it an address of the recorder's code? */
bool modules_is_recorder(uintptr_t address);

/* Writes the file of an address to the log, if that was not done yet. */
void modules_see(uintptr_t address);

/* Forgets what was written to a log, as another one begins. */
void modules_restart(void);

#endif
