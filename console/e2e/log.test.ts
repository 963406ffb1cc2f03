/** A log is summoned from a pile, followed, and read in the browser. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { open, Walkers } from './world/walker';

const pile = inject('places').piles[1];
let walkers: Walkers;

beforeAll(async () => {
  walkers = await Walkers.start();
});
afterAll(() => walkers?.end());

describe('a log', () => {
  it('is summoned, followed, and read', async () => {
    const page = await walkers.as('operator');
    await open(page, 'log');
    await page.getByRole('button', { name: '召唤日志' }).click();
    const drawer = page.locator('.el-drawer:has(form)');
    await drawer.locator('textarea[name=uuids]').fill(pile?.uuid ?? '');
    await drawer.locator('input[name=file_name]').fill('walk.log');
    await drawer.getByText('1 台').first().waitFor();
    await drawer.locator('.el-drawer__footer').getByRole('button', { name: '召唤日志' }).click();
    const row = page.locator('.el-table__row', { hasText: 'walk.log' });
    await row.filter({ hasText: '已收到' }).waitFor();
    await row.getByRole('link', { name: 'walk.log' }).click();
    const lines = page.getByRole('region', { name: '日志内容' }).locator('.line');
    await lines.nth(5).waitFor();
    // Whatever it was written in, it is read in UTF-8: its levels are words, not signs.
    expect(await lines.allInnerTexts()).toEqual(
      expect.arrayContaining([expect.stringMatching(/信息|警告|错误/)]),
    );
    expect(walkers.complaints).toEqual([]);
    await page.context().close();
  });

  it('is not summoned by 只读', async () => {
    const page = await walkers.as('reader');
    await open(page, 'log');
    const summon = page.getByRole('button', { name: '召唤日志' });
    await summon.waitFor();
    expect(await summon.isDisabled()).toBe(true);
    await page.context().close();
  });
});
