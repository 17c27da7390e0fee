#include "trace/measure_pass.h"

#include <stdlib.h>
#include <string.h>

bool measure_pass_open(struct measure_pass *pass,
                       const struct loaded_trace *loaded,
                       const pym_options *options)
{
  size_t bytes = (loaded->handle_count + 1) * sizeof pass->live[0];
  *pass = (struct measure_pass){.loaded = loaded};
  pass->live = malloc(bytes);
  if (pass->live == NULL)
    return false;
  memset(pass->live, 0, bytes);
  pass->heap = pym_heap_new(options);
  return pass->heap != NULL;
}

void measure_pass_close(struct measure_pass *pass)
{
  for (size_t i = 0; pass->heap != NULL && i < pass->loaded->handle_count; i++)
    pym_free(pass->heap, pass->live[i].block);
  pym_heap_delete(pass->heap);
  free(pass->live);
}

void measure_pass_allow(struct measure_pass *pass)
{
  const struct loaded_trace *loaded = pass->loaded;
  for (; pass->next_allowance < loaded->allowance_count &&
         loaded->allowances[pass->next_allowance].after == pass->at;
       pass->next_allowance++)
    loaded_trace_allow(&loaded->allowances[pass->next_allowance], pass->heap);
}
