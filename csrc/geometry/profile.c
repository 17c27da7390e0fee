/*
** Profiles are geometries with a name, and the versions of CPython that have
** them. A profile is named after the first minor version of 3.6 or later that has
** it in all of its releases, or after a way to build that version; "classroom" is
** that of no version.
**
** The sizes were read in these sources, besides those of 3.6 to 3.14:
**
**   2.7.15  github.com/Antony-Wish/python2.7.15, commit 3621a497
**   2.7.17  github.com/python/cpython/pull/13319: 16 bytes, as in 3.7.4
**   3.3.5   github.com/pyparallel/pyparallel, commit 2b39a22a
**   3.15    github.com/python/cpython, commit b1bc868f (gh-144319): arenas of 2 MiB
**           if it is configured with --with-pymalloc-hugepages
**
** Without its radix tree (WITH_PYMALLOC_RADIX_TREE=0), a CPython 3.10 or later has
** pools of 4 KiB, and arenas of 1 MiB.
*/
#include <string.h>

#include "geometry/geometry.h"

#define KIB ((size_t)1024)

static const pym_profile profiles[] = {
    {"3.6",
     "3.3, 3.6 to 3.7.3, 2.7.15, 2.7.16",
     {.alignment = 8,
      .threshold = 512,
      .pool_bytes = 4 * KIB,
      .arena_bytes = 256 * KIB,
      .release = PYM_RELEASE_AT_ONCE}},
    {"3.8",
     "3.7.4 to 3.8, 2.7.17, 2.7.18",
     {.alignment = 16,
      .threshold = 512,
      .pool_bytes = 4 * KIB,
      .arena_bytes = 256 * KIB,
      .release = PYM_RELEASE_AT_ONCE}},
    {"3.9",
     "3.9",
     {.alignment = 16,
      .threshold = 512,
      .pool_bytes = 4 * KIB,
      .arena_bytes = 256 * KIB,
      .release = PYM_RELEASE_KEEP_LAST}},
    {"3.10",
     "3.10",
     {.alignment = 16,
      .threshold = 512,
      .pool_bytes = 16 * KIB,
      .arena_bytes = 1024 * KIB,
      .address_bits = 48,
      .release = PYM_RELEASE_KEEP_LAST}},
    {"3.11",
     "3.11 to 3.15",
     {.alignment = 16,
      .threshold = 512,
      .pool_bytes = 16 * KIB,
      .arena_bytes = 1024 * KIB,
      .address_bits = 64,
      .release = PYM_RELEASE_KEEP_LAST}},
    {"3.15-hugepages",
     "3.15 with huge pages",
     {.alignment = 16,
      .threshold = 512,
      .pool_bytes = 16 * KIB,
      .arena_bytes = 2048 * KIB,
      .address_bits = 64,
      .release = PYM_RELEASE_KEEP_LAST}},
    {"3.10-no-radix-tree",
     "3.10 to 3.15 without radix tree",
     {.alignment = 16,
      .threshold = 512,
      .pool_bytes = 4 * KIB,
      .arena_bytes = 1024 * KIB,
      .release = PYM_RELEASE_KEEP_LAST}},
#ifdef PYM_NATURAL_POINTERS
    {"3.11-32bit",
     "3.11 to 3.15 of 32 bits",
     {.alignment = 8,
      .threshold = 512,
      .pool_bytes = 4 * KIB,
      .arena_bytes = 256 * KIB,
      .address_bits = 32,
      .release = PYM_RELEASE_KEEP_LAST}},
#endif
    {"classroom",
     "none: its whole state fits one screen",
     {.alignment = 16,
      .threshold = 64,
      .pool_bytes = 256,
      .arena_bytes = 1 * KIB,
      .release = PYM_RELEASE_AT_ONCE}},
};

#define PROFILE_COUNT (sizeof profiles / sizeof profiles[0])

const pym_profile *pym_profiles(size_t *count)
{
  *count = PROFILE_COUNT;
  return profiles;
}

/*
** {==================================================================
** Versions
** ===================================================================
*/

#define MICRO_MAX 99u

/* CPython major.minor.micro */
struct version {
  unsigned major;
  unsigned minor;
  unsigned micro;
};

/*
** The version from which CPython has a profile, in ascending order. NULL: from
** there on the sizes are not known.
*/
static const struct {
  struct version since;
  const char *name;
} eras[] = {
#ifdef PYM_NATURAL_POINTERS
    {{3, 11, 0}, "3.11-32bit"},
    {{3, 16, 0}, NULL},
#else
    {{2, 7, 15}, "3.6"},  {{2, 7, 17}, "3.8"}, {{2, 7, 19}, NULL},
    {{3, 3, 0}, "3.6"},   {{3, 4, 0}, NULL},   {{3, 6, 0}, "3.6"},
    {{3, 7, 4}, "3.8"},   {{3, 9, 0}, "3.9"},  {{3, 10, 0}, "3.10"},
    {{3, 11, 0}, "3.11"}, {{3, 16, 0}, NULL},
#endif
};

static const pym_profile *named(const char *name)
{
  for (size_t i = 0; i < PROFILE_COUNT; i++)
    if (strcmp(profiles[i].name, name) == 0)
      return &profiles[i];
  return NULL;
}

static bool is_before(struct version a, struct version b)
{
  if (a.major != b.major)
    return a.major < b.major;
  return a.minor != b.minor ? a.minor < b.minor : a.micro < b.micro;
}

static const pym_profile *of_version(struct version version)
{
  assert(version.micro <= MICRO_MAX);
  const char *name = NULL;
  for (size_t i = 0; i < sizeof eras / sizeof eras[0]; i++)
    if (!is_before(version, eras[i].since))
      name = eras[i].name;
  return name == NULL ? NULL : named(name);
}

/* Reads a point and a number below 100. Returns where it ends, or NULL. */
static const char *read_part(const char *text, unsigned *part)
{
  /* GCOVR_EXCL_BR_START: no version in the tests has, after a dot, a character
     below the digits */
  if (*text != '.' || text[1] < '0' || text[1] > '9')
    return NULL;
  /* GCOVR_EXCL_BR_STOP */
  *part = (unsigned)(*++text - '0');
  text++;
  if (*part != 0 && *text >= '0' && *text <= '9')
    *part = 10 * *part + (unsigned)(*text++ - '0');
  return text;
}

/*
** The profile of a version as text. A version without its third number has a
** profile only if all of its releases have the same.
*/
static const pym_profile *of_text(const char *text)
{
  struct version first = {0, 0, 0};
  if (*text != '2' && *text != '3')
    return NULL;
  first.major = (unsigned)(*text - '0');
  text = read_part(text + 1, &first.minor);
  if (text == NULL)
    return NULL;
  struct version last = {first.major, first.minor, MICRO_MAX};
  if (*text != '\0') {
    text = read_part(text, &first.micro);
    if (text == NULL || *text != '\0')
      return NULL;
    last.micro = first.micro;
  }
  const pym_profile *profile = of_version(first);
  return profile == of_version(last) ? profile : NULL;
}

const pym_profile *pym_profile_find(const char *name)
{
  const pym_profile *profile = named(name);
  return profile != NULL ? profile : of_text(name);
}

/* }================================================================== */
