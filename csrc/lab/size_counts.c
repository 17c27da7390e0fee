#include "lab/size_counts.h"

#include <stdlib.h>

/* The sizes of the live blocks of the handles; 0: none, or above 'most'. */
struct sizes {
  uint64_t *of_handle;
  uint64_t bytes;
};

/* Runs a request. Returns the size that is requested; 0: none that counts. */
static uint64_t change_size(struct sizes *sizes, const struct request *request,
                            size_t most)
{
  bool is_counted = request->letter != TRACE_FREE && request->bytes <= most;
  uint64_t size = is_counted ? request->bytes : 0;
  if (request->handle == LOADED_TRACE_NO_HANDLE)
    return 0;
  sizes->bytes += size - sizes->of_handle[request->handle];
  sizes->of_handle[request->handle] = size;
  return size;
}

/* Counts the requests, and finds the peak. */
static void count_requests(struct size_counts *counts, struct sizes *sizes,
                           const struct loaded_trace *loaded)
{
  for (size_t i = 0; i < loaded->count; i++) {
    uint64_t size = change_size(sizes, &loaded->items[i], counts->most);
    if (size != 0)
      counts->requests[size]++;
    if (sizes->bytes > counts->peak_bytes) {
      counts->peak_bytes = sizes->bytes;
      counts->peak_request = i + 1;
    }
  }
}

/* Counts the blocks that are live after the request of the peak. */
static void count_live(struct size_counts *counts, struct sizes *sizes,
                       const struct loaded_trace *loaded)
{
  for (size_t i = 0; i < counts->peak_request; i++)
    (void)change_size(sizes, &loaded->items[i], counts->most);
  for (size_t handle = 0; handle < loaded->handle_count; handle++)
    if (sizes->of_handle[handle] != 0)
      counts->live[sizes->of_handle[handle]]++;
}

bool size_counts_read(struct size_counts *counts,
                      const struct loaded_trace *loaded)
{
  size_t handles = loaded->handle_count + 1;
  struct sizes first = {calloc(handles, sizeof *first.of_handle), 0};
  struct sizes again = {calloc(handles, sizeof *again.of_handle), 0};
  bool is_done = first.of_handle != NULL && again.of_handle != NULL;
  if (is_done) {
    count_requests(counts, &first, loaded);
    count_live(counts, &again, loaded);
  }
  free(first.of_handle);
  free(again.of_handle);
  return is_done;
}
