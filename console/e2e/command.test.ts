/** A command goes to a pile, and its answer is watched. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { agree, pick, question, refuse } from './world/hands';
import { open, Walkers } from './world/walker';

const [pile] = inject('places').piles;
let walkers: Walkers;

beforeAll(async () => {
  walkers = await Walkers.start();
});
afterAll(() => walkers?.end());

const form = (page: Page) => page.getByRole('form', { name: '发命令' });
const choose = (page: Page, command: string): Promise<void> =>
  pick(page, form(page).locator('.command .el-select').first(), command);
const send = (page: Page): Promise<void> => form(page).getByRole('button', { name: '下发' }).click();
const sent = (page: Page) => page.locator('aside .command-view');

describe('a command', () => {
  it('is sent from the pile’s page and answered in sight', async () => {
    const page = await walkers.as('operator');
    await open(page, `asset/${pile?.device_id}`);
    await page.getByRole('button', { name: '发命令' }).click();
    await choose(page, '软件版本查询');
    await send(page);
    await sent(page).getByText('成功').first().waitFor();
    expect(await sent(page).innerText()).toContain(pile?.uuid);
    await open(page, 'command');
    const row = page.locator('.el-table__row', { hasText: pile?.uuid }).filter({ hasText: '软件版本查询' });
    await row.filter({ hasText: '成功' }).first().waitFor();
    await row.first().click();
    await page.locator('.el-drawer .command-view').getByText('成功').first().waitFor();
    await page.context().close();
  });

  it('goes to many piles at once, and each is followed', async () => {
    const page = await walkers.as('operator');
    await open(page, 'command/send');
    await form(page).getByText('多台桩').click();
    const several = inject('places').piles.slice(0, 3);
    await form(page)
      .locator('textarea[name=uuids]')
      .fill(several.map(({ uuid }) => uuid).join('\n'));
    await choose(page, '软件版本查询');
    await send(page);
    expect(await agree(page)).toContain('3');
    await page.waitForURL(/\/command\/batch\/\d+/);
    for (const { uuid } of several)
      await page.locator('.el-table__row', { hasText: uuid }).filter({ hasText: '成功' }).waitFor();
    await page.context().close();
  });

  it('that is dangerous is asked about first, and not sent by who says no', async () => {
    const page = await walkers.as('chief');
    await open(page, `command/send?device_id=${pile?.device_id}`);
    await choose(page, '重启');
    const posts: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/command/send')) posts.push(request.method());
    });
    await send(page);
    expect(await refuse(page)).toContain('重启');
    expect(posts).toEqual([]);
    await send(page);
    await agree(page);
    await sent(page).getByText('成功').first().waitFor();
    expect(posts).toEqual(['POST']);
    await page.context().close();
  });

  it('that is dangerous is not offered to 运维', async () => {
    const page = await walkers.as('operator');
    await open(page, `command/send?device_id=${pile?.device_id}`);
    await form(page).locator('.command .el-select').first().click();
    const entry = page.locator('.el-select-dropdown__item:visible', { hasText: '重启' }).first();
    await entry.waitFor();
    expect(await entry.getAttribute('class')).toContain('is-disabled');
    expect(await question(page).count()).toBe(0);
    expect(walkers.complaints).toEqual([]);
    await page.context().close();
  });
});
