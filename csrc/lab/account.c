#include "lab/account.h"

#include "trace/measure.h"

/* Point 'number' of the curves, from 1, is after this request. */
static uint64_t request_of_point(const struct account *account, size_t number,
                                 uint64_t expected)
{
  return number * expected / account->points_wanted;
}

static void add_point(struct account *account, const struct moment *moment)
{
  struct curve_point *point = &account->points[account->point_count++];
  uint64_t raw = moment->all_live - moment->live;
  *point = (struct curve_point){account->requests, moment->held, moment->live,
                                moment->held + raw, moment->all_live};
}

void account_note(struct account *account, const struct moment *moment,
                  uint64_t expected)
{
  uint64_t total = moment->held + (moment->all_live - moment->live);
  account->requests++;
  if (measure_is_more(moment->held, moment->live, account->peak.held,
                      account->peak.live))
    account->peak = *moment;
  if (moment->live > account->live_most)
    account->live_most = moment->live;
  if (measure_is_more(total, moment->all_live, account->total_peak,
                      account->total_live_peak)) {
    account->total_peak = total;
    account->total_live_peak = moment->all_live;
  }
  account->held_sum += (double)moment->held;
  account->live_sum += (double)moment->live;
  account->total_sum += (double)total;
  account->all_live_sum += (double)moment->all_live;
  account->last = *moment;
  assert(account->requests <= expected); /* the last has the last point */
  if (account->points != NULL &&
      account->requests ==
          request_of_point(account, account->point_count + 1, expected))
    add_point(account, moment);
}
