/**
 * Runs an asynchronous function for the newest argument only. While a call is under way, newer arguments wait, and each
 * replaces the one before it: dragging over 1,000 requests causes as many calls as the function has time for. The
 * function reports its errors itself.
 */
export function latest<Argument>(run: (argument: Argument) => Promise<void>): (argument: Argument) => void {
  let waiting: { argument: Argument } | null = null;
  let isBusy = false;

  async function runAll(): Promise<void> {
    isBusy = true;
    try {
      while (waiting) {
        const { argument } = waiting;
        waiting = null;
        await run(argument);
      }
    } finally {
      isBusy = false;
    }
  }

  return (argument) => {
    waiting = { argument };
    if (!isBusy) void runAll();
  };
}
