/** Nothing that axe calls serious, on any page and on anything that opens over one, in either theme. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { layers, unfold } from './layers';
import { furtherPaths, menuPaths, settled } from './pages';
import { Client } from './world/api';
import { draft } from './world/campaign';
import { deeds, type History } from './world/history';
import { ACCOUNTS, PASSWORD } from './world/people';
import { open, serious, Walkers } from './world/walker';

const platform = inject('platform');
const places = inject('places');
const pile = `/asset/${places.piles[0]?.device_id}`;
let walkers: Walkers;
let made: Omit<History, 'fleets'>;

beforeAll(async () => {
  walkers = await Walkers.start();
  const manager = await Client.signIn(platform.api, ACCOUNTS.manager, PASSWORD);
  const device_id = places.piles[0]?.device_id ?? 0;
  const { asset } = await manager.get<{ asset: { model: string } }>('/asset/detail', { device_id });
  const campaign_id = await draft(manager, '试点升级', asset.model);
  made = { campaign_id, ...(await deeds(platform, places)) };
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

// Each looks at dozens of pages.
const LONG = { timeout: 1_200_000 };

describe.each(['light', 'dark'] as const)('in the %s theme', LONG, (colorScheme) => {
  it('every page of the menu is accessible', async () => {
    const page = await walkers.as('chief', { colorScheme });
    const paths = await menuPaths(page);
    expect(paths.length).toBeGreaterThan(7);
    expect(await found(page, paths)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.classList.contains('dark'))).toBe(
      colorScheme === 'dark',
    );
    await page.context().close();
  });

  it('every page that another leads to is', async () => {
    const page = await walkers.as('chief', { colorScheme });
    expect(await found(page, furtherPaths(places, made))).toEqual([]);
    await page.context().close();
  });

  it('what opens over a page is', async () => {
    const page = await walkers.as('chief', { colorScheme });
    const problems: string[] = [];
    for (const layer of layers(places, made)) {
      // From nothing: what is open over the page before would stay there if the next is on the same one.
      await page.goto('about:blank');
      await open(page, layer.path);
      await settled(page);
      const within = await unfold(page, layer);
      await settled(page);
      // The page below has been looked at.
      for (const violation of await serious(page, within))
        problems.push(`${layer.path}, ${layer.name}: ${violation}`);
    }
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it.each(['/ota/new', 'a draft'])('every step of %s is', async (path) => {
    const page = await walkers.as('manager', { colorScheme });
    await open(page, path === 'a draft' ? `/ota/${made.campaign_id}/edit` : path);
    const steps = page.locator('.wizard nav button');
    await steps.first().waitFor();
    const problems: string[] = [];
    // To the last and back: only then is it known what is missing.
    const count = await steps.count();
    expect(count).toBe(6);
    for (const nth of [...Array(count).keys(), ...Array(count - 1).keys()]) {
      await steps.nth(nth).click();
      await settled(page);
      for (const details of await page.locator('.wizard details:not([open]) summary').all())
        await details.click();
      for (const violation of await serious(page, '.wizard')) problems.push(`step ${nth + 1}: ${violation}`);
    }
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('a pile is, on a phone', async () => {
    const page = await walkers.as('reader', { colorScheme, viewport: { width: 390, height: 844 } });
    expect(await found(page, [pile])).toEqual([]);
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
