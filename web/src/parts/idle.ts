const LATEST = 2000; // milliseconds after which the function runs even if the browser was never idle

/** Runs a function when the browser has nothing else to do. Returns a function that takes that back. */
export function whenIdle(run: () => void): () => void {
  if (!("requestIdleCallback" in window)) { // in Safari
    const timer = setTimeout(run, 0);
    return () => { clearTimeout(timer); };
  }
  const handle = window.requestIdleCallback(run, { timeout: LATEST });
  return () => { window.cancelIdleCallback(handle); };
}
