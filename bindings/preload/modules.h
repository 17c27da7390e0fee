/*
** Writes to the log which files are mapped at which addresses, so that return
** addresses can be converted to source lines after the program has ended.
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

/* Forgets which files were written: a new log begins, and has none of them. */
void modules_restart(void);

#endif
