/** Nothing that axe calls serious, on any page, in either theme. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { menuPaths, settled } from './pages';
import { open, serious, Walkers } from './world/walker';

const { piles } = inject('places');
let walkers: Walkers;

beforeAll(async () => {
  walkers = await Walkers.start();
});
afterAll(() => walkers?.end());

async function found(page: Page, paths: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    await open(page, path);
    await settled(page);
    for (const violation of await serious(page)) found.push(`${path}: ${violation}`);
  }
  return found;
}

/** In the page: what makes it wider than the window. */
function beyond(): string[] {
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  return [...document.querySelectorAll('body *')]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5)
    .map((one) => one.outerHTML.slice(0, 120));
}

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  it('every page of the menu and a pile are accessible', async () => {
    const page = await walkers.as('chief', { colorScheme });
    const paths = await menuPaths(page);
    expect(paths.length).toBeGreaterThan(7);
    paths.push(`/asset/${piles[0]?.device_id}`, '/password', '/no/such/page');
    expect(await found(page, paths)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.classList.contains('dark'))).toBe(
      colorScheme === 'dark',
    );
    await page.context().close();
  });

  it('a pile is, on a phone', async () => {
    const page = await walkers.as('reader', { colorScheme, viewport: { width: 390, height: 844 } });
    expect(await found(page, [`/asset/${piles[0]?.device_id}`])).toEqual([]);
    expect(await page.evaluate(beyond), 'what is wider than the phone').toEqual([]);
    await page.context().close();
  });

  it('the sign-in is', async () => {
    const page = await walkers.page({ colorScheme });
    await open(page, '');
    await page.waitForSelector('input[name=password]');
    expect(await serious(page)).toEqual([]);
    expect(walkers.complaints).toEqual([]);
    await page.context().close();
  });
});
