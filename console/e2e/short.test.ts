/** The short walk, part of every check: a first sign-in, piles as they are, a session that ends. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Client } from './world/api';
import { ACCOUNTS, PASSWORD } from './world/people';
import { endSession, serious, signIn, Walkers } from './world/walker';

const { api, base } = inject('platform');
const PILES = inject('places').piles.length;
const NEWCOMER = 'new.comer';
let walkers: Walkers;
let page: Page;

const rows = (least: number): Promise<unknown> =>
  page.waitForFunction((n) => document.querySelectorAll('.el-table__row').length >= n, least);

beforeAll(async () => {
  walkers = await Walkers.start();
  page = await walkers.page();
});
afterAll(() => walkers?.end());

describe('the console', () => {
  it('has a first sign-in that ends with a password of one’s own', async () => {
    const chief = await Client.signIn(api, ACCOUNTS.chief, PASSWORD);
    const details = { user_name: '新同事', role_id: 1, phone: '', email: '', organization_ids: [] };
    const { password } = await chief.post<{ password: string }>('/user/add', { account: NEWCOMER, details });
    await page.goto(base);
    await signIn(page, NEWCOMER, password);
    await page.waitForSelector('input[name=old]');
    await page.fill('input[name=old]', password);
    await page.fill('input[name=new]', PASSWORD);
    await page.fill('input[name=again]', PASSWORD);
    await page.click('button[type=submit]');
    await page.waitForSelector('nav.menu');
    expect(new URL(page.url()).pathname).toBe('/console/');
    await page.waitForSelector('.figures a');
    expect(await serious(page)).toEqual([]);
  });

  it('shows every simulated pile in the list and each by itself', async () => {
    await page.click('nav.menu a[href="/console/asset"]');
    await rows(PILES);
    expect(await serious(page)).toEqual([]);
    const uuid = await page.locator('.el-table__row a').first().innerText();
    await page.locator('.el-table__row a').first().click();
    await page.waitForSelector(`h2:has-text("${uuid}")`);
    await page.waitForSelector('.guns section');
    expect(await serious(page)).toEqual([]);
  });

  it('follows the guns live', async () => {
    await page.click('nav.menu a[href="/console/monitor"]');
    await page.waitForSelector('.live');
    await page.waitForFunction((n) => document.querySelectorAll('a.card').length >= n, PILES);
    expect(await serious(page)).toEqual([]);
  });

  it('keeps the filter in the address and says when nothing matches', async () => {
    await page.goto(`${base}asset?words=${encodeURIComponent('没有这样的桩')}`);
    await page.waitForSelector('text=没有符合条件的数据');
    await page.click('.empty button');
    await rows(PILES);
    expect(page.url()).not.toContain('words');
  });

  it('asks to sign in over the page when the session ends, and goes on', async () => {
    await page.goto(`${base}asset?words=${encodeURIComponent('没有')}`);
    await page.waitForSelector('.empty');
    await endSession(page);
    await page.click('.empty button');
    const over = page.locator('.el-dialog:has(input[name=password])');
    await over.waitFor();
    await over.locator('input[name=password]').fill(PASSWORD);
    await over.locator('button[type=submit]').click();
    await over.waitFor({ state: 'detached' });
    await rows(PILES);
  });

  it('speaks English and is dark when asked', async () => {
    await page.click('text=English');
    await page.waitForSelector('nav.menu >> text=Failed starts');
    await page.click('button[aria-label="Light or dark"]');
    await page.waitForSelector('html.dark');
    await page.goto(base);
    await page.waitForSelector('.figures a');
    expect(await serious(page)).toEqual([]);
  });

  it('never broke its own content-security policy, and no page failed', () => {
    expect(walkers.complaints).toEqual([]);
  });
});
