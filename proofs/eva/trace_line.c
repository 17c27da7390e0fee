/*
** The parser of a line of a trace: any bytes.
**
** bound: lines that begin with one of 7 texts, among them the empty one, and
** bound: continue with 4 bytes of any value
** sources: trace/trace_op.c
** options: -eva-slevel 100000 -eva-split-return full
**
** Eva distinguishes the values of a byte only where the parser does. The texts
** reach the operands of each kind, and the largest numbers.
*/
#include <__fc_builtin.h>
#include <string.h>

#include "trace/trace_op.h"

#define BYTES 4 /* of any value, behind the beginning */
#define BEGINNING_MAX 32

static void read_line(const char *beginning, size_t bytes)
{
  char line[BEGINNING_MAX + BYTES + 1];
  memcpy(line, beginning, bytes);
  for (int i = 0; i < BYTES; i++)
    line[bytes + i] = Frama_C_char_interval(-128, 127);
  line[bytes + BYTES] = '\n';
  const char *cursor = line, *hint = NULL;
  struct trace_op op;
  bool is_read = trace_op_read(&cursor, &op, &hint);
  ptrdiff_t moved = cursor - line;
  //@ check stays_in_the_line: 0 <= moved <= bytes + BYTES + 1;
  if (is_read) {
    //@ check moves_behind_the_letter: moved > 1;
    bool has_id = op.id != 0 || !trace_is_request(op.letter);
    //@ check a_request_has_an_id: has_id;
    ;
  }
}

#define READ(text) read_line(text, sizeof text - 1)

int main(void)
{
  READ("");
  READ("a 1 ");
  READ("c 12 1844674407370955161");
  READ("r 3 4 @");
  READ("w 1 42949672");
  READ("m x");
  READ("x -");
  return 0;
}
