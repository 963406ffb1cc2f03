/** What opens over the pages of the console: forms in drawers, questions, menus. */
import type { Page } from 'playwright-core';
import type { Deeds } from './world/history';
import type { Places } from './world/people';

/** Something that opens over a page. */
export interface Layer {
  path: string;
  name: string;
  act: (page: Page) => Promise<void>;
  /** How it is known to be open; without this a drawer or a dialog. */
  shown?: string;
}

const DRAWER = ':is(.el-drawer, .el-dialog)';

/** A button of the page opens it. */
const button = (path: string, name: string, shown?: string): Layer => ({
  ...{ path, name, shown },
  act: (page) => page.locator('main').getByRole('button', { name, exact: true }).first().click(),
});

/** The first row of the list opens it. */
const row = (path: string): Layer => ({
  ...{ path, name: 'a row' },
  act: (page) => page.locator('.el-table__row').first().click(),
});

/** All that waits is chosen, then a button opens it. */
const chosen = (path: string, name: RegExp): Layer => ({
  ...{ path, name: String(name) },
  act: async (page) => {
    await page.locator('.el-table__row .el-checkbox').first().click();
    await page.locator('main').getByRole('button', { name }).click();
  },
});

/** What shows one row, every form, every question of a kind, every kind of menu. */
export function layers({ east }: Places, { stranger, member }: Deeds): Layer[] {
  const tcu = (sn: string): string => `/registration/tcu/${encodeURIComponent(sn)}`;
  return [
    ...['导入', '新增充电桩', '修改', '删除'].map((name) => button('/asset', name)),
    ...['导入', '新增场站', '修改'].map((name) => button('/station_list', name)),
    ...['新增型号', '修改'].map((name) => button('/device_model', name)),
    ...['新增用户', '修改'].map((name) => button('/user', name)),
    ...['新增角色', '修改'].map((name) => button('/role', name)),
    ...['新增模板', '修改'].map((name) => button('/parameter', name)),
    ...['新增任务', '修改'].map((name) => button('/schedule', name)),
    ...['新增下级组织', '修改', '移动组织'].map((name) =>
      button(`/organization?organization_id=${east}`, name),
    ),
    button('/log', '召唤日志'),
    button('/ota/package', '上传固件包'),
    row('/ota/package'),
    button('/registration/allow_list', '新增'),
    button('/registration/account', '新增'),
    ...[/^批准/, /^拒绝/].map((name) => chosen('/registration?state=待审核', name)),
    ...['批准', '拒绝'].map((name) => button(tcu(stranger), name)),
    ...['停用', '更换 uuid', '更换 TCU', '释放', '退役'].map((name) => button(tcu(member), name)),
    row('/command'),
    row('/operation_record'),
    button('/asset', '显示列', '.el-popover'),
    button('/asset', '导出', '.el-dropdown-menu'),
    {
      ...{ path: '/', name: 'what the search has found', shown: '.el-autocomplete__popper' },
      act: (page) => page.locator('header .search input').fill('号桩'),
    },
    {
      ...{ path: '/', name: 'the account’s menu', shown: '.el-dropdown-menu' },
      act: (page) => page.locator('header .account').click(),
    },
  ];
}

/** Opens it and waits until it is there; gives the selector of where. */
export async function unfold(page: Page, { act, shown = DRAWER }: Layer): Promise<string> {
  await act(page);
  await page.locator(shown).locator('visible=true').first().waitFor();
  return shown;
}
