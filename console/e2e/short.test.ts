/** The short walk, part of every check: the first sign-in, piles as they are, a session that ends. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, signIn, start, type World } from './world';

const PILES = 6;
let world: World;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  world = await start(PILES);
  ({ page } = await world.page({ locale: 'zh-CN' }));
  page.setDefaultTimeout(60_000);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A refused request is part of the walk; a refused style or script is not.
    if (message.type() === 'error' && !message.text().includes('status of 401'))
      complaints.push(message.text());
  });
});
afterAll(() => world?.end());

/** What axe finds serious on the page. */
async function serious(): Promise<string[]> {
  const found = await new AxeBuilder({ page }).analyze();
  return found.violations
    .filter((violation) => ['serious', 'critical'].includes(violation.impact ?? ''))
    .map((violation) => `${violation.id}: ${violation.nodes[0]?.html}`);
}

describe('the console', () => {
  it('has a first sign-in that ends with a password of one’s own', async () => {
    await signIn(page, world, world.first.password);
    await page.waitForSelector('input[name=old]');
    await page.fill('input[name=old]', world.first.password);
    await page.fill('input[name=new]', PASSWORD);
    await page.fill('input[name=again]', PASSWORD);
    await page.click('button[type=submit]');
    await page.waitForSelector('nav.menu');
    expect(new URL(page.url()).pathname).toBe('/console/');
    expect(await serious()).toEqual([]);
  });

  it('shows every simulated pile in the list and each by itself', async () => {
    await page.click('nav.menu a[href="/console/asset"]');
    await page.waitForFunction((n) => document.querySelectorAll('.el-table__row').length >= n, PILES);
    expect(await serious()).toEqual([]);
    const uuid = await page.locator('.el-table__row a').first().innerText();
    await page.locator('.el-table__row a').first().click();
    await page.waitForSelector(`h2:has-text("${uuid}")`);
    await page.waitForSelector('.guns section');
    expect(await serious()).toEqual([]);
  });

  it('follows the guns live', async () => {
    await page.click('nav.menu a[href="/console/monitor"]');
    await page.waitForSelector('.live');
    await page.waitForFunction((n) => document.querySelectorAll('a.card').length >= n, PILES);
    expect(await serious()).toEqual([]);
  });

  it('keeps the filter in the address and says when nothing matches', async () => {
    await page.goto(`${world.base}asset?words=${encodeURIComponent('没有这样的桩')}`);
    await page.waitForSelector('text=没有符合条件的数据');
    await page.click('.empty button');
    await page.waitForFunction((n) => document.querySelectorAll('.el-table__row').length >= n, PILES);
    expect(page.url()).not.toContain('words');
  });

  it('asks to sign in over the page when the session ends, and goes on', async () => {
    await page.goto(`${world.base}asset?words=${encodeURIComponent('没有')}`);
    await page.waitForSelector('.empty');
    // Signing out elsewhere ends this session on the server.
    await page.evaluate(async () => {
      const refresh_token = localStorage.getItem('ops.refresh_token');
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch('/auth/refresh', {
        method: 'POST',
        headers,
        body: JSON.stringify({ refresh_token }),
      });
      const token = (await answer.json()).data.access_token;
      await fetch('/auth/logout', {
        method: 'POST',
        headers: { ...headers, authorization: `Bearer ${token}` },
        body: '{}',
      });
    });
    await page.click('.empty button');
    const over = page.locator('.el-dialog');
    await over.waitFor();
    await over.locator('input[name=password]').fill(PASSWORD);
    await over.locator('button[type=submit]').click();
    await over.waitFor({ state: 'detached' });
    await page.waitForFunction((n) => document.querySelectorAll('.el-table__row').length >= n, PILES);
  });

  it('speaks English and is dark when asked', async () => {
    await page.click('text=English');
    await page.waitForSelector('nav.menu >> text=Failed starts');
    await page.click('button[aria-label="Light or dark"]');
    await page.waitForSelector('html.dark');
    await page.goto(world.base);
    await page.waitForSelector('.figures a');
    expect(await serious()).toEqual([]);
  });

  it('never broke its own content-security policy, and no page failed', () => {
    expect(complaints).toEqual([]);
  });
});
