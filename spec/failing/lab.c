/*
** Cases for the simulator, and the designs that it refuses.
*/
#include <string.h>

#include "failing.h"

#include "lab/simulate.h"
#include "trace/loaded_trace.h"

#define SIMULATED_REQUESTS 250u

struct policies {
  enum next_pool next_pool;
  enum next_block next_block;
  enum next_arena next_arena;
  enum release release;
};

static struct design small_design(const struct policies *policies)
{
  const pym_options options = failing_small_options();
  struct design design;
  design_of_geometry(&design, &options.geometry);
  design.next_pool = policies->next_pool;
  design.next_block = policies->next_block;
  design.next_arena = policies->next_arena;
  design.release = policies->release;
  design.after = 3;
  return design;
}

static void simulate_design(const struct loaded_trace *loaded,
                            const struct design *design, pym_write write)
{
  struct simulate_options wanted = {.series_count = 5, .write = write};
  struct measures found;
  if (simulate(loaded, design, &wanted, &found)) {
    MUST(found.series_done == 5);
    MUST(found.end.requests == loaded->count);
  }
  measures_close(&found);
}

/* Simulates designs that need every array of the simulator. */
static void simulate_designs(const struct loaded_trace *loaded)
{
  static const struct policies all[] = {
      {POOL_FRONT, BLOCK_LIFO, ARENA_FULLEST, RELEASE_KEEP_LAST},
      {POOL_FULLEST, BLOCK_LOWEST, ARENA_OLDEST, RELEASE_AT_ONCE},
      {POOL_LOWEST, BLOCK_FIFO, ARENA_RANDOM, RELEASE_AFTER},
  };
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    const struct design design = small_design(&all[i]);
    simulate_design(loaded, &design, i == 0 ? failing_drop : NULL);
  }
}

/* Arenas of one pool, which each free empties, and which are released later. */
static void simulate_emptied(const struct loaded_trace *loaded)
{
  static const struct policies policies = {POOL_FULLEST, BLOCK_LOWEST,
                                           ARENA_OLDEST, RELEASE_AFTER};
  struct design design = small_design(&policies);
  design.arena_bytes = design.pool_bytes[0];
  simulate_design(loaded, &design, NULL);
}

static void run_simulate(struct stage *stage)
{
  (void)stage;
  failing_with(failing_text(), SIMULATED_REQUESTS, simulate_designs);
}

static void run_emptied(struct stage *stage)
{
  (void)stage;
  failing_with("a 1 8\na 2 8\nr 1 20\nf 2\nf 1\na 1 8\na 2 60\nf 1\nf 2\n", 9,
               simulate_emptied);
}

/*
** {==================================================================
** Designs that are refused
** ===================================================================
*/

static struct design *whole(void)
{
  static const struct policies policies = {POOL_FRONT, BLOCK_LIFO,
                                           ARENA_FULLEST, RELEASE_AT_ONCE};
  static struct design design;
  char why[200] = "";
  design = small_design(&policies);
  MUST(design_check(&design, why, sizeof why) && why[0] == '\0');
  return &design;
}

static void refused(const struct design *design, const char *reason)
{
  char why[200] = "";
  MUST(!design_check(design, why, sizeof why));
  MUST(strcmp(why, reason) == 0);
}

/* REFUSED(FIELD, VALUE, REASON) */
#define REFUSED(field, value, reason) \
  do {                                \
    struct design *wrong = whole();   \
    wrong->field = (value);           \
    refused(wrong, reason);           \
  } while (0)

static void refuse_arenas(void)
{
  REFUSED(arena_bytes, 1000,
          "arena_bytes 1000: must be a power of two, at most 1 TiB");
  if (SIZE_MAX > UINT32_MAX)
    REFUSED(arena_bytes, (size_t)(UINT64_C(1) << 41),
            "arena_bytes 2199023255552: must be a power of two, at most 1 TiB");
  REFUSED(arena_offset, 1024,
          "arena_offset 1024: must be less than arena_bytes");
}

static void refuse_classes(void)
{
  REFUSED(class_count, 0, "the number of classes 0: must be from 1 to 1024");
  REFUSED(class_count, 1025,
          "the number of classes 1025: must be from 1 to 1024");
  REFUSED(threshold, 0, "threshold 0: must be from 1 to 65536");
  REFUSED(threshold, 65537, "threshold 65537: must be from 1 to 65536");
  REFUSED(threshold, 65,
          "threshold 65: must not be more than the largest class");
  REFUSED(class_bytes[0], 0,
          "a class of bytes 0: classes must be above 0 and ascend");
  REFUSED(class_bytes[1], 16,
          "a class of bytes 16: classes must be above 0 and ascend");
}

static void refuse_pools(void)
{
  REFUSED(pool_bytes[1], 300,
          "pool_bytes 300: must be a power of two, at most 1 MiB");
  REFUSED(pool_bytes[1], 1u << 21,
          "pool_bytes 2097152: must be a power of two, at most 1 MiB");
  REFUSED(pool_bytes[1], 2048,
          "pool_bytes 2048: an arena must hold at least one pool");
  struct design *design = whole();
  design->pool_bytes[0] = 1024;
  design->arena_offset = 16; /* the only pool is lost */
  refused(design, "pool_bytes 1024: an arena must hold at least one pool");
  REFUSED(header_bytes, 241,
          "pool_bytes 256: a pool must hold its header and at least one block");
}

static void run_refused(struct stage *stage)
{
  (void)stage;
  refuse_arenas();
  refuse_classes();
  refuse_pools();
}

/* }================================================================== */

const struct failing_case failing_lab[] = {
    {"simulations", WHOLE, run_simulate},
    {"simulations of arenas that are emptied", WHOLE, run_emptied},
    {"designs that are refused", ASKS_NOTHING, run_refused},
    {NULL, WHOLE, NULL}};
