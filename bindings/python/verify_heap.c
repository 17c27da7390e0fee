#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/digits.h"
#include "serve/supply.h"
#include "verify.h"

/*
** {==================================================================
** The heap, and its arenas as they are obtained and released
** ===================================================================
*/

static void append(struct happened *happened, const char *text)
{
  size_t bytes = strlen(text), left = TEXT_BYTES - happened->bytes;
  if (bytes > left) /* a difference: so much happens in no request */
    bytes = left;
  memcpy(happened->text + happened->bytes, text, bytes);
  happened->bytes += bytes;
}

static void append_numbers(struct happened *happened, const char *text,
                           const size_t *numbers, size_t count)
{
  char line[3 * (NUMBER_BYTES_MAX + 1) + 1], *end = line;
  assert(count <= 3);
  append(happened, text);
  for (size_t i = 0; i < count; i++) {
    end = put_number(end, numbers[i]);
    *end++ = i + 1 < count ? ':' : '\n';
  }
  *end = '\0';
  append(happened, line);
}

static void *reserve(void *context, size_t bytes, size_t alignment)
{
  struct verify *verify = context;
  pym_pages pages = pym_pages_default();
  void *base = pages.reserve(pages.context, bytes, alignment);
  verify->base = (uintptr_t)base;
  return base;
}

static bool commit(void *context, void *address, size_t bytes)
{
  struct verify *verify = context;
  pym_pages pages = pym_pages_default();
  verify->counts.obtained++;
  append(&verify->ours, "#+\n");
  return pages.commit(pages.context, address, bytes);
}

static void decommit(void *context, void *address, size_t bytes)
{
  struct verify *verify = context;
  pym_pages pages = pym_pages_default();
  verify->counts.released++;
  size_t slot = ((uintptr_t)address - verify->base) / bytes;
  append_numbers(&verify->ours, "#- ", &slot, 1);
  pages.decommit(pages.context, address, bytes);
}

static void release(void *context, void *address, size_t bytes)
{
  pym_pages pages = pym_pages_default();
  (void)context;
  pages.release(pages.context, address, bytes);
}

void verify_open_heap(struct verify *verify)
{
  pym_options options = pym_options_default();
  options.geometry = verify->geometry;
  options.retain_bytes = 0; /* so that every release is seen */
  options.pages = (pym_pages){.context = verify,
                              .page_bytes = options.pages.page_bytes,
                              .reserve = reserve,
                              .commit = commit,
                              .decommit = decommit,
                              .release = release};
  verify->heap = pym_heap_new(&options);
  if (verify->heap == NULL || !idmap_open(&verify->ids))
    verify_fail(verify, "no heap: %s", strerror(errno));
}

void verify_offset(struct verify *verify, uint64_t offset)
{
  if (verify->heap == NULL)
    verify_fail(verify, "this is not a record: it has no line '#@'");
  supply_offset_arenas(verify->heap, offset);
}

/* Blocks that raw serves would leak. */
void verify_close_heap(struct verify *verify)
{
  const struct idmap_entry *entry;
  size_t at = 0;
  while ((entry = idmap_next(&verify->ids, &at)) != NULL)
    pym_free(verify->heap, entry->block);
  idmap_close(&verify->ids);
  pym_heap_delete(verify->heap);
}

/* }================================================================== */

/*
** {==================================================================
** Requests
** ===================================================================
*/

static void tell_place(struct verify *verify, const void *address)
{
  pym_location place;
  verify->counts.places++;
  if (address == NULL)
    append(&verify->ours, "#= NULL\n");
  else if (pym_locate(verify->heap, address, &place))
    append_numbers(&verify->ours,
                   "#= ", (size_t[]){place.arena, place.pool, place.offset}, 3);
  else
    append(&verify->ours, "#= L\n");
}

static void served(struct verify *verify, uint64_t id, void *address)
{
  struct idmap_entry *entry = idmap_find(&verify->ids, id);
  tell_place(verify, address);
  if (address == NULL)
    return;
  if (entry != NULL)
    entry->block = address;
  else if (!idmap_add(&verify->ids, id, address, 0))
    verify_fail(verify, "no memory");
}

static void free_id(struct verify *verify, uint64_t id)
{
  struct idmap_entry *entry = idmap_find(&verify->ids, id);
  if (entry == NULL)
    verify_fail(verify, "id %" PRIu64 " is not live", id);
  void *block_ = entry->block;
  idmap_remove(&verify->ids, entry);
  pym_free(verify->heap, block_);
}

static void *resize_id(struct verify *verify, uint64_t id, size_t bytes)
{
  struct idmap_entry *entry = idmap_find(&verify->ids, id);
  return pym_realloc(verify->heap, entry == NULL ? NULL : entry->block, bytes);
}

static _Noreturn void fail_at_request(const struct verify *verify)
{
  const struct trace_op *op = &verify->op;
  const struct happened *ours = &verify->ours, *real = &verify->real;
  char count[NUMBER_BYTES_MAX + 8] = "";
  if (op->letter == TRACE_CALLOC)
    (void)snprintf(count, sizeof count, " %" PRIu64 " times", op->count);
  verify_fail(verify,
              "%s%s %" PRIu64 " bytes, id %" PRIu64
              "\nCPython did\n%.*sthe heap did\n%.*s",
              trace_op_word(op->letter), count, op->bytes, op->id,
              (int)real->bytes, real->text, (int)ours->bytes, ours->text);
}

void verify_add_line(struct verify *verify, const char *line)
{
  append(&verify->real, line);
  append(&verify->real, "\n");
}

void verify_settle(struct verify *verify)
{
  const struct happened *ours = &verify->ours, *real = &verify->real;
  if (ours->bytes != real->bytes ||
      memcmp(ours->text, real->text, ours->bytes) != 0)
    fail_at_request(verify);
  verify->ours.bytes = verify->real.bytes = 0;
}

void verify_request(struct verify *verify, const struct trace_op *op)
{
  if (verify->heap == NULL)
    verify_fail(verify, "this is not a record: it has no line '#@'");
  size_t bytes = op->letter == TRACE_FREE ? 0 : size_of_number(op->bytes);
  verify->counts.requests++;
  verify->op = *op;
  switch (op->letter) {
  case TRACE_MALLOC:
    served(verify, op->id, pym_malloc(verify->heap, bytes));
    break;
  case TRACE_CALLOC:
    served(verify, op->id,
           pym_calloc(verify->heap, size_of_number(op->count), bytes));
    break;
  case TRACE_REALLOC:
    served(verify, op->id, resize_id(verify, op->id, bytes));
    break;
  case TRACE_FREE:
    free_id(verify, op->id);
    break;
  case TRACE_DUMP: /* not requests */
  case TRACE_REPORT:
  case TRACE_CHECK:
  case TRACE_ALLOW:
  case TRACE_SITE:
  case TRACE_MARK:
  case TRACE_INTERPRETER:
  case TRACE_OFFSET:
    break;
  }
}

/* }================================================================== */
