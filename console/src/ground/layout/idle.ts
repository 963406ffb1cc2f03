/** How long what can wait may be kept waiting, ms. */
const PATIENCE = 1_000;

/** When the browser has nothing better to do. */
export function whenIdle(): Promise<unknown> {
  // Not in every browser.
  if (!('requestIdleCallback' in window)) return new Promise((done) => setTimeout(done, 0));
  return new Promise((done) => requestIdleCallback(done, { timeout: PATIENCE }));
}
