/** Stations are given to an organization, and taken away: what its people see changes with it. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { agree } from './world/hands';
import { open, Walkers } from './world/walker';

const { south, stations } = inject('places');
const given = stations[1]?.sta_name ?? '';
const own = stations[2]?.sta_name ?? '';
let walkers: Walkers;
let chief: Page;
let southern: Page;

beforeAll(async () => {
  walkers = await Walkers.start();
  chief = await walkers.as('chief');
  southern = await walkers.as('southern');
});
afterAll(() => walkers?.end());

const sees = (page: Page, name: string) => page.locator('main').getByText(name).first();

/** Ticks or unticks the station, looks at what that would change, saves it. */
async function turn(sign: '+' | '−'): Promise<string> {
  await open(chief, `organization/${south}/distribution`);
  const line = chief.getByRole('group', { name: '场站' }).locator('.line', { hasText: given });
  await line.locator('input[type=checkbox]').setChecked(sign === '+');
  await line.getByText(sign, { exact: true }).waitFor();
  const differences = await chief.locator('.side').innerText();
  expect(differences).toContain(given);
  await chief.locator('header').getByRole('button', { name: '保存' }).click();
  const said = await agree(chief);
  await chief.waitForURL(/\/organization\?/);
  return said;
}

describe('a station', () => {
  it('is not seen by those who have it not', async () => {
    await open(southern, 'station');
    await sees(southern, own).waitFor();
    expect(await southern.locator('main').innerText()).not.toContain(given);
  });

  it('that is given is seen at once, with its piles', async () => {
    expect(await turn('+')).toContain('华南分公司');
    await open(southern, 'station');
    await sees(southern, given).waitFor();
    await open(southern, 'asset');
    await southern.locator('.el-table__row', { hasText: given }).first().waitFor();
  });

  it('that is taken away is no longer seen', async () => {
    expect(await turn('−')).toContain('看不到');
    await open(southern, 'asset');
    await southern.locator('.el-table__row', { hasText: own }).first().waitFor();
    expect(await southern.locator('main').innerText()).not.toContain(given);
    expect(walkers.complaints).toEqual([]);
  });

  it('is not given by 只读', async () => {
    const reader = await walkers.as('southern');
    await open(reader, `organization/${south}/distribution`);
    const save = reader.locator('header').getByRole('button', { name: '保存' });
    await save.waitFor();
    expect(await save.isDisabled()).toBe(true);
    for (const box of await reader.locator('.line input[type=checkbox]').all())
      expect(await box.isDisabled()).toBe(true);
    await reader.context().close();
  });
});
