/*
** The default options of a heap, and the options for hosting a program.
*/
#include "base/platform.h"
#include "geometry/geometry.h"

/*
** 64 GiB, or a sixteenth of all addresses where they have 32 bits: 256 MiB. A
** build for a system on which addresses are scarce can define another number.
*/
#ifndef PYM_RESERVE_BYTES
#define PYM_RESERVE_BYTES ((size_t)1 << (SIZE_MAX > UINT32_MAX ? 36 : 28))
#endif
#define RETAIN_BYTES ((size_t)4 << 20)
#define QUARANTINE_BLOCKS 256u

/*
** Pools of twice the size of CPython's have half as many records in the cache,
** headers and remainders: see docs/speed.md, "Pools of 32 KiB".
*/
#define HOSTING_POOL_BYTES ((size_t)32 << 10)
#define HOSTING_CACHE_BYTES ((size_t)128 << 10)
#define HOSTING_CACHE_BLOCKS 1024
#define HOSTING_RETAIN_BYTES ((size_t)512 << 20)

pym_options pym_options_default(void)
{
  return (pym_options){.geometry = pym_profile_find("3.6")->geometry,
                       .max_arenas = SIZE_MAX,
                       .max_bytes = SIZE_MAX,
                       .reserve_bytes = PYM_RESERVE_BYTES,
                       .retain_bytes = RETAIN_BYTES,
                       .quarantine = QUARANTINE_BLOCKS,
                       .raw = pym_raw_default(),
                       .pages = pym_pages_default()};
}

pym_options pym_options_hosting(void)
{
  pym_options options = pym_options_default();
  options.geometry = pym_profile_find("3.11")->geometry;
  options.geometry.pool_bytes = HOSTING_POOL_BYTES;
  options.cache_bytes = HOSTING_CACHE_BYTES;
  options.cache_blocks = HOSTING_CACHE_BLOCKS;
  options.retain_bytes = HOSTING_RETAIN_BYTES;
  options.medium = PLATFORM_MAPPING; /* reservations take no memory? */
  return options;
}
