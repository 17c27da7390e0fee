#define _POSIX_C_SOURCE 200809L

#include "temporary.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct temporary {
  struct temporary *next;
  char *path; /* NULL: a note alone */
  char *note; /* NULL: none */
};

/* Signals belong to the process, and a handler has no argument for the list. */
static struct temporary *first;
static bool is_kept;

void temporary_begin(void)
{
  is_kept = true;
}

bool temporary_is_kept(void)
{
  return is_kept;
}

#if PLATFORM_PROCESSES

void temporary_hold(temporary_signals *before)
{
  sigset_t ending;
  (void)sigemptyset(&ending);
  (void)sigaddset(&ending, SIGINT);
  (void)sigaddset(&ending, SIGTERM);
  (void)sigaddset(&ending, SIGHUP);
  (void)sigaddset(&ending, SIGQUIT);
  (void)sigprocmask(SIG_BLOCK, &ending, before);
}

void temporary_release(const temporary_signals *before)
{
  (void)sigprocmask(SIG_SETMASK, before, NULL);
}

#else

void temporary_hold(temporary_signals *before)
{
  *before = 0;
}

void temporary_release(const temporary_signals *before)
{
  (void)before;
}

#endif

static void free_temporary(struct temporary *temporary)
{
  free(temporary->path);
  free(temporary->note);
  free(temporary);
}

/* Copies a string into '*copy', NULL as NULL. false: not enough memory. */
static bool copy_string(char **copy, const char *string)
{
  *copy = string == NULL ? NULL : strdup(string);
  return *copy != NULL || string == NULL;
}

bool temporary_add(const char *path, const char *note)
{
  temporary_signals before;
  if (!is_kept)
    return true;
  struct temporary *new = calloc(1, sizeof *new);
  if (new == NULL)
    return false;
  if (!copy_string(&new->path, path) || !copy_string(&new->note, note)) {
    free_temporary(new);
    return false;
  }
  temporary_hold(&before);
  new->next = first;
  first = new;
  temporary_release(&before);
  return true;
}

static bool has_path(const struct temporary *temporary, const char *path)
{
  return temporary->path != NULL && strcmp(temporary->path, path) == 0;
}

void temporary_forget(const char *path)
{
  temporary_signals before;
  struct temporary **link = &first;
  if (!is_kept)
    return;
  temporary_hold(&before);
  while (*link != NULL && !has_path(*link, path))
    link = &(*link)->next;
  struct temporary *found = *link;
  if (found != NULL)
    *link = found->next;
  temporary_release(&before);
  if (found != NULL)
    free_temporary(found);
}

static void say(const char *text)
{
  ssize_t written = write(STDERR_FILENO, text, strlen(text));
  (void)written; /* the process ends: a failure cannot be reported */
}

void temporary_end(const char *word)
{
  for (const struct temporary *at = first; at != NULL; at = at->next) {
    if (at->path != NULL)
      (void)unlink(at->path);
    if (at->note != NULL) {
      say("pymalloc: ");
      say(word);
      say("; ");
      say(at->note);
      say("\n");
    }
  }
}
