/** What cannot be taken back is asked about first, naming what follows; and is not offered to 只读. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Client } from './world/api';
import { menuPaths, settled } from './pages';
import { upload } from './world/campaign';
import { refuse } from './world/hands';
import { ACCOUNTS, PASSWORD } from './world/people';
import { open, Walkers } from './world/walker';

const { api } = inject('platform');
const { east, piles } = inject('places');
let walkers: Walkers;
let chief: Page;
let reader: Page;

/** In names of this run. */
const RUN = Date.now();

/** Pages with rows, the text of one of them, and what can be done to it. */
const DEEDS: [path: string, row: string, deed: string][] = [
  ['asset', piles[0]?.uuid ?? '', '删除'],
  ['station_list', '虹桥枢纽充电站', '删除'],
  ['device_model', `危险型号${RUN}`, '删除'],
  ['user', ACCOUNTS.southern, '停用'],
  ['user', ACCOUNTS.southern, '重置密码'],
  ['user', ACCOUNTS.southern, '删除'],
  ['role', `危险角色${RUN}`, '删除'],
  ['parameter', `危险模板${RUN}`, '删除'],
  ['schedule', `危险任务${RUN}`, '删除'],
  ['ota/package', `WALK-${RUN}`, '删除'],
];

beforeAll(async () => {
  const client = await Client.signIn(api, ACCOUNTS.chief, PASSWORD);
  await client.post('/device_model/add', { model: `危险型号${RUN}` });
  const details = { role_name: `危险角色${RUN}`, description: '', permissions: ['asset:read'] };
  await client.post('/role/add', { details });
  const organization_id = east;
  await client.post('/parameter/template/add', {
    name: `危险模板${RUN}`,
    items: { 音量_百分比: '40' },
    organization_id,
  });
  const selection = { organization_id };
  const [command, cron] = ['软件版本查询', '30 2 * * *'];
  await client.post('/schedule/add', { name: `危险任务${RUN}`, command, cron, selection, organization_id });
  await upload(client, 'V9.0.0', `WALK-${RUN}`);
  walkers = await Walkers.start();
  chief = await walkers.as('chief');
  reader = await walkers.as('reader');
});
afterAll(() => walkers?.end());

/** The row with this text; 只读 may not see it. */
const rowOf = (page: Page, text: string) => page.locator('.el-table__row', { hasText: text }).first();

/** The button of the deed: in the row, or in what opens from it. */
async function buttonOf(page: Page, text: string, deed: string): Promise<Locator> {
  const row = rowOf(page, text);
  await row.waitFor();
  const near = row.getByRole('button', { name: deed, exact: true });
  if (await near.count()) return near;
  await row.click();
  const far = page.locator('.el-drawer').getByRole('button', { name: deed, exact: true });
  await far.waitFor();
  return far;
}

/** Changes that were sent from now on. */
function changes(page: Page): string[] {
  const sent: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    // What an answer would mean is counted by a POST that changes nothing.
    if (request.method() === 'POST' && !/^\/auth\/|\/count$/.test(pathname)) sent.push(pathname);
  });
  return sent;
}

describe('what cannot be taken back', () => {
  it.each(DEEDS)('on %s (%s: %s) is asked about, and not done by who says no', async (path, text, deed) => {
    await open(chief, path);
    const sent = changes(chief);
    await (await buttonOf(chief, text, deed)).click();
    const said = await refuse(chief);
    expect(said.split('\n').filter((line) => line.trim().length > 8).length, said).toBeGreaterThan(1);
    expect(sent).toEqual([]);
    await rowOf(chief, text).waitFor();
  });

  it.each(DEEDS)('on %s (%s: %s) is not offered to 只读', async (path, text, deed) => {
    await open(reader, path);
    await settled(reader);
    // What is no business of his he does not see at all.
    if (!(await rowOf(reader, text).count())) return;
    expect(await (await buttonOf(reader, text, deed)).isDisabled()).toBe(true);
  });

  it('leaves 只读 no page on which something new can be begun', async () => {
    await open(reader, '');
    await reader.waitForSelector('nav.menu');
    const paths = await menuPaths(reader);
    expect(paths.length).toBeGreaterThan(7);
    for (const path of paths) {
      await open(reader, path);
      await settled(reader);
      // Those that look like links only show something.
      const primary = reader.locator(
        'main .el-button:is(.el-button--primary, .el-button--danger):not(.is-link, .is-text):visible',
      );
      for (const button of await primary.all())
        expect(await button.isDisabled(), `${path}: ${await button.innerText()}`).toBe(true);
    }
    expect(walkers.complaints).toEqual([]);
  });
});
