/*
** Reads the records of a log that a preloaded library has written.
*/
#ifndef LOG_READER_H
#define LOG_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "../preload/log.h"

struct log_reader {
  FILE *file;
  uint64_t slot; /* of the next record */
  uint64_t end;  /* behind the last one */
};

/* Begins to read an open file. false: it is not a log. */
bool log_reader_begin(struct log_reader *reader, FILE *file);

/*
** Reads the next record; false: there is none. A log that ends early, with its
** program, may have fewer than were claimed.
*/
bool log_reader_next(struct log_reader *reader, struct log_record *record);

/*
** Reads the text that the record just read has. Returns its length, which is at
** most LOG_PATH_BYTES. A piece that was not written is blank.
*/
size_t log_reader_text(struct log_reader *reader, uint64_t bytes,
                       char text[LOG_PATH_BYTES]);

#endif
