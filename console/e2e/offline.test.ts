/** A pile loses its power, and gets it back: the console says so, live. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Client, stand } from './world/api';
import { Fleet } from './world/fleet';
import { ACCOUNTS, PASSWORD } from './world/people';
import { until } from './world/wait';
import { open, Walkers } from './world/walker';

const platform = inject('platform');
const { stations } = inject('places');
const MODEL = 'WALK-POWER';
const fleet = new Fleet(platform, 'WALKPOWER', ['--piles', '1', '--model', MODEL, '--charge-rate', '0']);
let walkers: Walkers;
let page: Page;
let pile: { device_id: number; name: string };

beforeAll(async () => {
  walkers = await Walkers.start();
  page = await walkers.as('chief');
  fleet.on();
  const chief = await Client.signIn(platform.api, ACCOUNTS.chief, PASSWORD);
  pile = await until('the pile’s asset', async () => {
    const { items } = await chief.get<{ items: (typeof pile)[] }>('/asset/list', { model: MODEL });
    return items[0];
  });
  await stand(chief, pile.device_id, stations[3]?.sta_id ?? 0, '断电试验桩');
});
afterAll(async () => {
  await fleet.off();
  await walkers?.end();
});

describe('a pile without power', () => {
  const card = (state: string): string => `a.card:has-text("${pile.name}"):has-text("${state}")`;

  it('is online at first', async () => {
    await open(page, `monitor?sta_id=${stations[3]?.sta_id}`);
    await page.waitForSelector(card('空闲'));
  });

  it('is shown as offline without anybody asking', async () => {
    await fleet.off();
    await page.waitForSelector(card('离线'));
    await page.getByRole('button', { name: /^离线/ }).click();
    await page.waitForSelector(card('离线'));
    await page.getByRole('button', { name: /^离线/ }).click();
  });

  it('is offline in the list and by itself, too', async () => {
    const other = await page.context().newPage();
    other.setDefaultTimeout(120_000);
    // The list knows what piles are doing as it was some seconds ago, and is not live. Other walks have left piles
    // without power too: more than a page of them.
    const row = other.locator(`.el-table__row:has-text("${pile.name}"):has-text("离线")`);
    await until('the list has it as offline', async () => {
      await open(other, `asset?uuid=${pile.name}&state=${encodeURIComponent('离线')}`);
      await other.waitForLoadState('networkidle');
      return (await row.count()) > 0 || undefined;
    });
    await open(other, `asset/${pile.device_id}`);
    await other.waitForSelector(`main :text("离线")`);
    await other.close();
  });

  it('is back when its power is', async () => {
    fleet.on();
    await page.waitForSelector(card('空闲'));
    expect(walkers.complaints).toEqual([]);
  });
});
