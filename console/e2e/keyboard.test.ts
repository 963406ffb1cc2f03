/** Without a mouse: the search from anywhere, and Esc out of whatever is open. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { settled } from './pages';
import { question } from './world/hands';
import { open, Walkers } from './world/walker';

const { piles } = inject('places');
let walkers: Walkers;
let page: Page;

beforeAll(async () => {
  walkers = await Walkers.start();
  page = await walkers.as('chief');
});
afterAll(() => walkers?.end());

const search = () => page.locator('header .search input');
const found = () => page.locator('.el-autocomplete__popper:visible');
const hasFocus = (selector: string) =>
  page.waitForFunction((selector) => document.activeElement?.matches(selector), selector);

describe('the search', () => {
  it('is reached by /, closed by Esc, and opens what Enter is pressed on', async () => {
    const { uuid = '', device_id } = piles[0] ?? {};
    await open(page, 'warn');
    await settled(page);
    await page.keyboard.press('/');
    await hasFocus('header .search input');
    await page.keyboard.type(uuid);
    await found().getByText(uuid).first().waitFor();
    await page.keyboard.press('Escape');
    await found().waitFor({ state: 'hidden' });
    expect(new URL(page.url()).pathname).toBe('/console/warn');
    await search().fill('');
    await page.keyboard.type(uuid);
    await found().getByText(uuid).first().waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/asset/${device_id}*`);
  });
});

describe('Esc', () => {
  it('closes a form; what was typed is kept, and the keyboard is where it was', async () => {
    await open(page, 'device_model');
    await settled(page);
    const begin = page.getByRole('button', { name: '新增型号' });
    await begin.focus();
    await page.keyboard.press('Enter');
    const field = page.locator('.el-drawer input[name=model]');
    await field.fill('半个型号');
    await page.keyboard.press('Escape');
    await field.waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.textContent?.trim() === '新增型号');
    await page.keyboard.press('Enter');
    await field.waitFor();
    expect(await field.inputValue()).toBe('半个型号');
    await page.getByRole('button', { name: '放弃草稿' }).click();
  });

  it('closes what shows one row', async () => {
    await open(page, 'operation_record');
    await page.locator('.el-table__row').first().click();
    const drawer = page.locator('.el-drawer:visible');
    await drawer.waitFor();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });
  });

  it('says no to a question, and leaves the row', async () => {
    await open(page, 'asset');
    const rows = page.locator('.el-table__row');
    await rows.first().waitFor();
    await rows.first().getByRole('button', { name: '删除' }).click();
    await question(page).waitFor();
    await page.keyboard.press('Escape');
    await question(page).waitFor({ state: 'detached' });
    await rows.filter({ hasText: piles[0]?.uuid }).waitFor();
    expect(walkers.complaints).toEqual([]);
  });
});
