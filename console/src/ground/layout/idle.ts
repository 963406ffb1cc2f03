import { quiet } from '@/api/client';

/** How long what can wait may be kept waiting, ms. */
const PATIENCE = 1_000;

/** When the page has what it asked for, and the browser has nothing better to do. */
export async function whenIdle(): Promise<void> {
  // A browser that only waits for an answer has nothing to do either; what would be begun then delays its drawing.
  await quiet(PATIENCE);
  await new Promise<unknown>((done) => {
    // Not in every browser.
    if (!('requestIdleCallback' in window)) return setTimeout(done, 0);
    return requestIdleCallback(done, { timeout: PATIENCE });
  });
}
