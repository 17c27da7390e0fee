#include "trace/measures.h"

#include <stdlib.h>

/* The request after which the next point is taken. */
static uint64_t next_point(const struct measures *measures)
{
  uint64_t count = measures->series_count, number = measures->series_done + 1;
  if (number > count)
    return 0;
  return measures->expected / count * number +
         measures->expected % count * number / count;
}

bool measures_open(struct measures *measures, size_t series_count,
                   uint64_t expected)
{
  *measures = (struct measures){.expected = expected};
  if (series_count == 0)
    return true;
  if (series_count > expected)
    series_count = (size_t)expected;
  measures->series = calloc(series_count + 1, sizeof measures->series[0]);
  if (measures->series == NULL)
    return false;
  measures->series_count = series_count;
  measures->next_point = next_point(measures);
  return true;
}

void measures_close(struct measures *measures)
{
  free(measures->series);
  measures->series = NULL;
  measures->series_count = measures->series_done = 0;
  measures->next_point = 0;
}

void measures_take_point(struct measures *measures,
                         const struct measure_point *point)
{
  assert(measures->series_done < measures->series_count);
  measures->series[measures->series_done++] = *point;
  measures->next_point = next_point(measures);
}

double measures_mean(const struct measures *measures,
                     const struct wide_sum *sum, const struct wide_sum *more)
{
  double whole = (double)sum->high * 0x1p64 + (double)sum->low;
  if (more != NULL)
    whole += (double)more->high * 0x1p64 + (double)more->low;
  return measures->end.requests == 0 ? 0
                                     : whole / (double)measures->end.requests;
}
