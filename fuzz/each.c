/*
** each FILE_OR_FOLDER...: runs a fuzz target on these files and on the files of
** these folders, without libFuzzer.
*/
#define _DEFAULT_SOURCE

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "input.h"

#define PATH_BYTES 512u

static void run_file(const char *path)
{
  static uint8_t bytes[1 << 16];
  FILE *file = fopen(path, "rb");
  MUST(file != NULL);
  size_t count = fread(bytes, 1, sizeof bytes, file);
  (void)fclose(file);
  (void)LLVMFuzzerTestOneInput(bytes, count);
}

/* Runs the files of a folder. Returns their number; -1: it is not a folder. */
static long run_folder(const char *folder)
{
  char path[PATH_BYTES];
  long count = 0;
  DIR *all = opendir(folder);
  if (all == NULL)
    return -1;
  for (const struct dirent *one; (one = readdir(all)) != NULL;) {
    if (one->d_name[0] == '.')
      continue;
    (void)snprintf(path, sizeof path, "%s/%s", folder, one->d_name);
    run_file(path);
    count++;
  }
  (void)closedir(all);
  return count;
}

int main(int argc, char **argv)
{
  long count = 0;
  for (int i = 1; i < argc; i++) {
    long found = run_folder(argv[i]);
    if (found < 0)
      run_file(argv[i]);
    count += found < 0 ? 1 : found;
  }
  printf("%ld inputs\n", count);
  return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
