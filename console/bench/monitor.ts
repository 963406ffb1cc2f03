/** What the station monitor costs while guns change, and whether it keeps what it no longer needs. */
import type { Browser, Page } from 'playwright-core';
import { changesTold } from './told';
import { memory, processor } from './visitor';
import type { World } from './world';

export interface Watched {
  /** Shares of one core. */
  renderer: number;
  all: number;
  /** Bytes of the heap at the beginning, and how many more at the end. */
  heap: number;
  growth: number;
  told: string;
}

const mib = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);

/** Watches for so many minutes, after one to settle down. */
export async function watchMonitor(
  browser: Browser,
  page: Page,
  console: string,
  world: World,
  minutes: number,
): Promise<Watched> {
  await page.goto(`${console}monitor?sta_id=${world.station}`);
  await page.waitForSelector(`text=${world.guns} 枪`, { timeout: 120_000 });
  await page.waitForSelector('.live');
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const whole = await browser.newBrowserCDPSession();
  await page.waitForTimeout(60_000);

  // Cards that were drawn anew, each once in what is drawn at one go.
  const changes = await page.evaluateHandle(() => {
    const count = { cards: 0 };
    const cardOf = ({ target }: MutationRecord): Element | null | undefined =>
      (target instanceof Element ? target : target.parentElement)?.closest('a.card');
    const watch = new MutationObserver((records) => {
      count.cards += new Set(records.map(cardOf).filter(Boolean)).size;
    });
    for (const list of document.querySelectorAll('.frame'))
      watch.observe(list, { characterData: true, childList: true, attributes: true, subtree: true });
    return count;
  });
  const heaps: number[] = [];
  let last = await memory(session);
  const first = last;
  heaps.push(first.heap);
  let [renderer, all, seconds] = [0, 0, 0];
  for (let minute = 0; minute < minutes; minute += 1) {
    const [before, begun] = [await processor(whole), performance.now()];
    await page.waitForTimeout(60_000);
    const after = await processor(whole);
    seconds += (performance.now() - begun) / 1000;
    renderer += after.renderer - before.renderer;
    all += after.all - before.all;
    // Outside what is measured: collecting costs processor time.
    last = await memory(session);
    heaps.push(last.heap);
  }
  const { cards } = (await changes.jsonValue()) as { cards: number };
  if (cards === 0) throw new Error('no card changed: nothing was measured');
  const sight = await page.locator('a.card').count();
  const told = await changesTold(world, 30);
  // The least of the first and of the last three, for a collection may come just before a change.
  const least = (some: number[]): number => Math.min(...some);
  const growth = least(heaps.slice(-3)) - least(heaps.slice(0, 3));
  return {
    renderer: renderer / seconds,
    all: all / seconds,
    heap: first.heap,
    growth,
    told:
      `heap ${mib(first.heap)} → ${mib(last.heap)} MiB, nodes ${first.nodes} → ${last.nodes}, ` +
      `listeners ${first.listeners} → ${last.listeners}, ` +
      `${told.toFixed(1)} changes/s told, ${(cards / seconds).toFixed(1)} cards drawn anew/s of ${sight} in sight`,
  };
}
