/** A sheet of piles with errors: all of them are shown, nothing is written; once mended, all of it is. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { open, Walkers } from './world/walker';

const { stations } = inject('places');
let walkers: Walkers;
let page: Page;

beforeAll(async () => {
  walkers = await Walkers.start();
  page = await walkers.as('manager');
  await open(page, 'asset');
});
afterAll(() => walkers?.end());

const drawer = () => page.locator('.el-drawer:has(input[type=file])');
const write = () => drawer().locator('.el-drawer__footer button.el-button--primary');
const station = stations[0]?.sta_name;
const give = (rows: string[]): Promise<void> =>
  drawer()
    .locator('input[type=file]')
    .setInputFiles({
      name: '资产.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(['资产名称,uuid,场站名称,SIM卡号', ...rows].join('\n')),
    });

describe('a sheet of piles', () => {
  it('with errors shows each beside its cell and writes nothing', async () => {
    await page.getByRole('button', { name: '导入' }).first().click();
    await give([
      `导入桩一,WALKAAAA,${station},898604000000000001`,
      `,WALKAAAB,${station},898604000000000002`,
      `导入桩三,walkaaac,${station},898604000000000003`,
      '导入桩四,WALKAAAD,没有这个场站,898604000000000004',
      `导入桩五,WALKAAAA,${station},898604000000000005`,
    ]);
    await drawer().getByText('有错误时不会写入任何一行').waitFor();
    for (const row of ['3', '4', '5', '6'])
      await drawer().locator(`tbody tr:has(th:text-matches("^${row}"))`).waitFor();
    expect(await drawer().locator('tbody .wrong').count()).toBeGreaterThanOrEqual(4);
    expect(await write().isDisabled()).toBe(true);
  });

  it('once mended is written whole', async () => {
    await give(['导入桩一', '导入桩二'].map((name, nth) => `${name},WALKAAA${'AB'[nth]},${station},`));
    await drawer().getByText('没有错误，可以导入').waitFor();
    await write().click();
    await drawer().getByText('导入完成：新增 2').waitFor();
    await drawer().getByRole('button', { name: '关闭', exact: true }).click();
    await open(page, `asset?words=${encodeURIComponent('导入桩')}`);
    await page.waitForFunction(() => document.querySelectorAll('.el-table__row').length === 2);
    expect(await page.locator('main').innerText()).not.toContain('导入桩三');
    expect(walkers.complaints).toEqual([]);
  });

  it('is not taken from 只读', async () => {
    const reader = await walkers.as('reader');
    await open(reader, 'asset');
    const button = reader.getByRole('button', { name: '导入' }).first();
    await button.waitFor();
    expect(await button.isDisabled()).toBe(true);
    await reader.context().close();
  });
});
