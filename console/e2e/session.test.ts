/** Sessions that end and servers that go away take nothing with them that somebody has typed. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { PASSWORD } from './world/people';
import { takeAway } from './world/platform';
import { until } from './world/wait';
import { endSession, open, Walkers } from './world/walker';

const platform = inject('platform');
/** Models with names of this run. */
const [KEPT, RESTARTED, LEFT] = ['会话', '重启', '离开'].map((what) => `${what}型号-${Date.now()}`) as [
  string,
  string,
  string,
];
let walkers: Walkers;
let page: Page;

beforeAll(async () => {
  walkers = await Walkers.start();
  page = await walkers.as('chief');
});
afterAll(() => walkers?.end());

const field = () => page.getByRole('form', { name: '新增型号' }).locator('input[name=model]');
const save = () => page.locator('.el-drawer__footer').getByRole('button', { name: '保存' });

/** Begins a model; what is typed must come through whatever follows. */
async function type(model: string): Promise<void> {
  await open(page, 'device_model');
  await page.getByRole('button', { name: '新增型号' }).click();
  await field().fill(model);
}

const there = (model: string) => page.waitForSelector(`.el-table__row:has-text("${model}")`);

describe('a half-filled form', () => {
  it('outlives the session: it is saved behind the sign-in that comes over the page', async () => {
    await type(KEPT);
    await endSession(page);
    await save().click();
    const over = page.locator('.el-dialog:has(input[name=password])');
    await over.waitFor();
    expect(await field().inputValue()).toBe(KEPT);
    await over.locator('input[name=password]').fill(PASSWORD);
    await over.locator('button[type=submit]').click();
    await there(KEPT);
  });

  it('outlives the server: what was typed stays until it can be saved', async () => {
    await type(RESTARTED);
    const back = takeAway(platform, 'webserver');
    await save().click();
    await page.getByRole('form', { name: '新增型号' }).getByRole('alert').waitFor();
    expect(await field().inputValue()).toBe(RESTARTED);
    back();
    await until('the web server', async () => (await fetch(`${platform.api}/health/ready`)).ok);
    await save().click();
    await there(RESTARTED);
  });

  it('outlives leaving the page and coming back, and can be thrown away', async () => {
    await type(LEFT);
    await open(page, 'asset');
    await open(page, 'device_model');
    await page.getByRole('button', { name: '新增型号' }).click();
    await field().waitFor();
    expect(await field().inputValue()).toBe(LEFT);
    await page.getByRole('button', { name: '放弃草稿' }).click();
    await page.waitForFunction(() => !document.querySelector<HTMLInputElement>('input[name=model]')?.value);
  });
});

describe('a live page', () => {
  it('says that the server is away, and goes on when it is back', async () => {
    await open(page, 'monitor');
    await page.waitForSelector('.live');
    const back = takeAway(platform, 'webserver');
    await page.waitForSelector('.lost');
    back();
    await page.waitForSelector('.live');
    await page.waitForSelector('a.card');
    expect(walkers.complaints).toEqual([]);
  });
});
