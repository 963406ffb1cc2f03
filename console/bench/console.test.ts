/**
 * How fast the console is, in a headless Chromium, as it is built for production, over the web API with 200,000
 * piles: `make bench-console`. It prints what it measured beside its bars; a bar that is not held does not fail it.
 */
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chromiumPath } from '../e2e/world/places';
import { type Line, print, quantile, spread } from './bars';
import { filterTimes } from './list';
import { watchMonitor } from './monitor';
import { scripts, usable, visitor } from './visitor';
import { startWorld, type World } from './world';

/** How often each page is opened. */
const TIMES = Number(process.env.OPS_BENCH_TIMES ?? 7);
/** How long the monitor is watched, minutes. */
const MINUTES = Number(process.env.OPS_BENCH_MINUTES ?? 10);
const HOUR = 3_600_000;

let world: World;
let browser: Browser;
const lines: Line[] = [];

beforeAll(async () => {
  world = await startWorld();
  browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] });
}, HOUR);
afterAll(async () => {
  print(lines);
  await browser?.close();
  await world?.end();
}, HOUR);

const console_ = (): string => `${world.base}/console/`;

it('is usable', { timeout: HOUR }, async () => {
  const cold: number[] = [];
  const warm: number[] = [];
  let size = { wire: 0, whole: 0 };
  for (let time = 0; time < TIMES; time += 1) {
    const context = await visitor(browser, world);
    const first = await context.newPage();
    cold.push(await usable(first, console_(), '.figures a'));
    size = await scripts(first);
    await first.close();
    const again = await context.newPage();
    warm.push(await usable(again, console_(), '.figures a'));
    await context.close();
  }
  expect(size.wire).toBeGreaterThan(0);
  lines.push(
    {
      what: 'first page usable, nothing in the cache (home with its figures)',
      bar: '2000 ms',
      measured: spread(cold),
      held: quantile(cold, 0.95) < 2000,
    },
    {
      what: 'the same, files in the cache',
      bar: '500 ms',
      measured: spread(warm),
      held: quantile(warm, 0.95) < 500,
    },
    {
      what: 'initial JavaScript, compressed',
      bar: '300 kB',
      measured: `${(size.wire / 1000).toFixed(0)} kB (${(size.whole / 1000).toFixed(0)} kB as it is)`,
      held: size.wire < 300_000,
    },
  );
});

it('filters the list of all piles', { timeout: HOUR }, async () => {
  const context = await visitor(browser, world);
  const page = await context.newPage();
  const times = await filterTimes(page, console_(), world.assets);
  lines.push({
    what: `list of ${world.assets.toLocaleString('en-US')} piles: from the filter to its rows`,
    bar: '300 ms',
    measured: spread(times),
    held: quantile(times, 0.95) < 300,
  });
  await context.close();
});

it('follows many guns', { timeout: HOUR }, async () => {
  const context = await visitor(browser, world);
  const page = await context.newPage();
  const seen = await watchMonitor(browser, page, console_(), world, MINUTES);
  const share = (part: number): string => `${(part * 100).toFixed(1)} % of a core`;
  lines.push(
    {
      what: `station monitor of ${world.guns} guns at ${world.updates} updates/s, ${MINUTES} min: processor`,
      bar: '30 % of a core',
      measured: `${share(seen.renderer)} the page, ${share(seen.all)} the whole browser`,
      held: seen.all < 0.3,
    },
    {
      what: 'the same: memory',
      bar: 'no growth (< 1 MB and 2 %)',
      measured: seen.told,
      held: seen.growth < 1_000_000 || seen.growth < 0.02 * seen.heap,
    },
  );
  await context.close();
});
