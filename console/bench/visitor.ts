/** Somebody whose browser has kept a session, so that a page is usable without signing in. */
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { Client } from '../e2e/world/api';
import type { World } from './world';

const VIEW = { viewport: { width: 1366, height: 768 }, locale: 'zh-CN' };

/** A browser context with an empty cache and a session of its own. */
export async function visitor(browser: Browser, world: World): Promise<BrowserContext> {
  const { tokens } = await Client.signIn(world.base, world.account, world.password);
  const origin = world.base;
  const localStorage = [{ name: 'ops.refresh_token', value: tokens.refresh_token }];
  return browser.newContext({ ...VIEW, storageState: { cookies: [], origins: [{ origin, localStorage }] } });
}

/**
 * Opens an address; ms from the beginning of the navigation until `selector` is in the page and painted, by the
 * page's own clock.
 */
export async function usable(page: Page, address: string, selector: string): Promise<number> {
  await page.addInitScript((selector) => {
    const seen = (): void => {
      if (!document.querySelector(selector)) return;
      watch.disconnect();
      // The frame after the one that draws it.
      requestAnimationFrame(() =>
        setTimeout(() => Object.assign(window, { usableAfter: performance.now() }), 0),
      );
    };
    const watch = new MutationObserver(seen);
    watch.observe(document, { childList: true, subtree: true, attributes: true });
  }, selector);
  await page.goto(address, { waitUntil: 'commit' });
  const after = await page.waitForFunction(
    () => (window as unknown as { usableAfter?: number }).usableAfter,
    undefined,
    { timeout: 120_000, polling: 20 },
  );
  return (await after.jsonValue()) as number;
}

/** Bytes of scripts as they came over the wire, and as they are, up to now. */
export async function scripts(page: Page): Promise<{ wire: number; whole: number }> {
  return page.evaluate(() => {
    const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    const scripts = entries.filter((entry) => new URL(entry.name).pathname.endsWith('.js'));
    const sum = (of: (entry: PerformanceResourceTiming) => number): number =>
      scripts.reduce((total, entry) => total + of(entry), 0);
    return { wire: sum((entry) => entry.encodedBodySize), whole: sum((entry) => entry.decodedBodySize) };
  });
}

/** Live bytes of the page's scripts, its nodes and listeners, after what is no longer used has been let go. */
export async function memory(
  session: CDPSession,
): Promise<{ heap: number; nodes: number; listeners: number }> {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return { heap: of('JSHeapUsedSize'), nodes: of('Nodes'), listeners: of('JSEventListeners') };
}

/** Processor seconds that the browser has used so far: the page's own process, and all of them. */
export async function processor(browser: CDPSession): Promise<{ renderer: number; all: number }> {
  const { processInfo } = await browser.send('SystemInfo.getProcessInfo');
  const sum = (of: typeof processInfo): number => of.reduce((total, { cpuTime }) => total + cpuTime, 0);
  return { renderer: sum(processInfo.filter(({ type }) => type === 'renderer')), all: sum(processInfo) };
}
