/**
 * `make screenshots`: every page, in both themes and both languages, into `console/screenshots/`, from simulated
 * piles that have charged, failed, been commanded and updated. Look at each.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { furtherPaths, menuPaths, settled } from '../e2e/pages';
import { type History, make } from '../e2e/world/history';
import { ROOT } from '../e2e/world/places';
import { open, Walkers } from '../e2e/world/walker';

const platform = inject('platform');
const places = inject('places');
let walkers: Walkers;
let history: History;

beforeAll(async () => {
  walkers = await Walkers.start();
  history = await make(platform, places);
}, 1_200_000);
afterAll(async () => {
  for (const fleet of history?.fleets ?? []) await fleet.off();
  await walkers?.end();
});

const LOOKS = (['zh', 'en'] as const).flatMap((language) =>
  (['light', 'dark'] as const).map((theme) => ({ language, theme })),
);

/** `/asset/17?tab=charge` → `asset_detail-charge`. */
function fileOf(path: string): string {
  const [place = '', query = ''] = path.slice(1).split('?');
  const all = [(place || 'home').split('/'), ...new URLSearchParams(query).values()].flat();
  return all.map((part) => (/^\d+$/.test(part) ? 'detail' : decodeURIComponent(part))).join('-');
}

async function take(page: Page, folder: string, path: string): Promise<void> {
  await open(page, path);
  await settled(page);
  await page.screenshot({ path: join(folder, `${fileOf(path)}.png`) });
}

describe.each(LOOKS)('in $language, $theme', ({ language, theme }) => {
  const folder = join(ROOT, 'console/screenshots', `${language}-${theme}`);

  it('shows every page', { timeout: 900_000 }, async () => {
    mkdirSync(folder, { recursive: true });
    const page = await walkers.page({ colorScheme: theme });
    await page.addInitScript((language) => localStorage.setItem('ops.language', language), language);
    await open(page, '');
    await page.waitForSelector('input[name=password]');
    await page.screenshot({ path: join(folder, 'sign-in.png') });
    await page.context().close();

    const chief = await walkers.as('chief', { colorScheme: theme });
    await chief.addInitScript((language) => localStorage.setItem('ops.language', language), language);
    const paths = await menuPaths(chief);
    for (const path of [...paths, ...furtherPaths(places, history)]) await take(chief, folder, path);
    await chief.setViewportSize({ width: 390, height: 844 });
    await open(chief, `/asset/${places.piles[0]?.device_id}`);
    await settled(chief);
    await chief.screenshot({ path: join(folder, 'phone.png') });
    await chief.context().close();
    expect(walkers.complaints.splice(0)).toEqual([]);
  });
});
