#include "base/digits.h"
#include "lab/simulation.h"

#define LINE_BYTES_MAX 112u /* five numbers, and the characters between them */

static char *put_string(char *at, const char *string)
{
  while (*string != '\0')
    *at++ = *string++;
  return at;
}

static char *put_place(const struct simulation *self,
                       const struct lab_block *placed, char *at)
{
  const struct simulator *sim = &self->sim;
  const struct lab_pool *pool = &sim->pools[placed->pool];
  const struct lab_group *group = &sim->groups[pool->group];
  size_t number = placed->pool - group->more[pool->slot].first_pool;
  at = put_number(at, pool->slot);
  *at++ = ':';
  at = put_number(at, number * group->pool_bytes);
  *at++ = ':';
  return put_number(at, sim->design->header_bytes +
                            (uint64_t)placed->block *
                                simulation_block_bytes(self, placed));
}

void simulation_write_placement(struct simulation *self,
                                const struct request *request, bool is_served)
{
  char *at = writer_reserve(self->writer, LINE_BYTES_MAX);
  at = put_number(at, self->sim.request);
  *at++ = ' ';
  *at++ = (char)request->letter;
  *at++ = ' ';
  at = put_number(at, loaded_trace_id(self->loaded, self->sim.request));
  *at++ = ' ';
  if (request->letter == TRACE_FREE)
    at = put_string(at, "-");
  else if (!is_served)
    at = put_string(at, "NULL");
  else if (self->live[request->handle].pool == RAW)
    at = put_string(at, "L");
  else
    at = put_place(self, &self->live[request->handle], at);
  *at++ = '\n';
  writer_commit(self->writer, at);
  if (self->writer->is_broken)
    self->sim.has_failed = true;
}
