/*
** Geometries: those of CPython's versions, and one that differs.
*/
#include <pymalloc.h>
#include <stdio.h>

int main(void)
{
  size_t count;
  const pym_profile *profiles = pym_profiles(&count);
  for (size_t i = 0; i < count; i++)
    printf("%-20s %2zu classes; CPython %s\n", profiles[i].name,
           pym_class_count(&profiles[i].geometry), profiles[i].cpython);

  pym_geometry mine = pym_profile_find("3.6")->geometry;
  mine.pool_bytes = 8192;
  ptrdiff_t szidx = pym_class_of(&mine, 100);
  printf(
      "100 bytes: class %td, blocks of %zu, %zu per pool, %zu bytes unused\n",
      szidx, pym_class_bytes(&mine, (size_t)szidx),
      pym_class_capacity(&mine, (size_t)szidx),
      pym_class_waste(&mine, (size_t)szidx));

  char why[160];
  mine.pool_bytes = 5000;
  if (!pym_geometry_check(&mine, why, sizeof why))
    puts(why);
  return 0;
}
