#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L

#include "log_reader.h"

#include <string.h>

bool log_reader_begin(struct log_reader *reader, FILE *file)
{
  struct log_head head;
  *reader = (struct log_reader){.file = file};
  if (fread(&head, sizeof head, 1, file) != 1 || head.magic != LOG_MAGIC ||
      fseeko(file, LOG_HEAD_BYTES, SEEK_SET) != 0)
    return false;
  reader->end = head.count;
  return true;
}

bool log_reader_next(struct log_reader *reader, struct log_record *record)
{
  if (reader->slot == reader->end ||
      fread(record, sizeof *record, 1, reader->file) != 1)
    return false;
  reader->slot++;
  return true;
}

size_t log_reader_text(struct log_reader *reader, uint64_t bytes,
                       char text[LOG_PATH_BYTES])
{
  struct log_record piece;
  size_t end = bytes > LOG_PATH_BYTES ? LOG_PATH_BYTES : (size_t)bytes;
  memset(text, ' ', end);
  for (size_t at = 0; at < end && log_reader_next(reader, &piece);
       at += LOG_PIECE_BYTES)
    if (piece.kind == LOG_TEXT)
      memcpy(text + at, piece.text,
             end - at < LOG_PIECE_BYTES ? end - at : LOG_PIECE_BYTES);
  return end;
}
