/** A campaign brings a bad program to a few piles, finds out, stops by itself, and takes it back. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Client } from './world/api';
import { arrived, badFleet, draft } from './world/campaign';
import { agree, refuse } from './world/hands';
import { ACCOUNTS, PASSWORD } from './world/people';
import { open, Walkers } from './world/walker';

const platform = inject('platform');
const { stations } = inject('places');
const MODEL = 'WALK-OTA';
const PILES = 40;
/** Until enough charges have failed, on a machine that does other things as well. */
const HALT = 900_000;
const fleet = badFleet(platform, MODEL, PILES);
let walkers: Walkers;
let page: Page;
let campaign_id: number;

beforeAll(async () => {
  walkers = await Walkers.start();
  fleet.on();
  const chief = await Client.signIn(platform.api, ACCOUNTS.chief, PASSWORD);
  await arrived(chief, MODEL, PILES, stations[0]?.sta_id);
  const manager = await Client.signIn(platform.api, ACCOUNTS.manager, PASSWORD);
  campaign_id = await draft(manager, '坏程序试升级', MODEL);
  page = await walkers.as('manager');
});
afterAll(async () => {
  await fleet.off();
  await walkers?.end();
});

const header = () => page.locator('article.campaign header');
const ask = (what: string): Promise<void> =>
  header().getByRole('button', { name: what, exact: true }).click();

describe('a campaign with a bad program', { timeout: HALT + 300_000 }, () => {
  it('is started by who has said how many piles that means', async () => {
    await open(page, 'ota');
    await page.getByRole('link', { name: '坏程序试升级' }).click();
    await header().getByText('草稿').waitFor();
    await ask('启动');
    const said = await refuse(page);
    expect(said).toContain('V2.0.0');
    await header().getByText('草稿').waitFor();
    await ask('启动');
    await agree(page);
    await header().getByText('进行中').waitFor();
  });

  it('cannot be touched by 只读', async () => {
    const reader = await walkers.as('reader');
    await open(reader, `ota/${campaign_id}`);
    const buttons = reader.locator('article.campaign header .act button');
    await buttons.first().waitFor();
    for (const button of await buttons.all()) expect(await button.isDisabled()).toBe(true);
    await reader.context().close();
  });

  it('halts by itself, and says why with its figures', async () => {
    await header().getByText('已熔断').waitFor({ timeout: HALT });
    expect(await page.locator('article.campaign').innerText()).toContain('启动失败');
    await page.getByRole('tab', { name: '安全检验' }).click();
    await page.locator('article.campaign [role=img], article.campaign svg').first().waitFor();
  });

  it('is taken back, and every pile ends', async () => {
    await ask('回退');
    await agree(page);
    await header().getByText('已回退').waitFor({ timeout: HALT });
    expect(walkers.complaints).toEqual([]);
  });
});
