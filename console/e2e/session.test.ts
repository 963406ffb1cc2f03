/** Sessions that end and servers that go away take nothing with them that somebody has typed. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { PASSWORD } from './world/people';
import { killService } from './world/platform';
import { endSession, open, Walkers } from './world/walker';

const platform = inject('platform');
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
    await type('会话型号-1');
    await endSession(page);
    await save().click();
    const over = page.locator('.el-dialog:has(input[name=password])');
    await over.waitFor();
    expect(await field().inputValue()).toBe('会话型号-1');
    await over.locator('input[name=password]').fill(PASSWORD);
    await over.locator('button[type=submit]').click();
    await there('会话型号-1');
  });

  it('outlives the server: what was typed stays until it can be saved', async () => {
    await type('重启型号-2');
    killService(platform, 'webserver');
    await save().click();
    await page.getByRole('form', { name: '新增型号' }).getByRole('alert').waitFor();
    expect(await field().inputValue()).toBe('重启型号-2');
    await page.waitForFunction(
      () =>
        fetch('/health/ready').then(
          (answer) => answer.ok,
          () => false,
        ),
      undefined,
      {
        polling: 500,
      },
    );
    await save().click();
    await there('重启型号-2');
    expect(walkers.complaints).toEqual([]);
  });
});
