/** Sign-in by role: who sees what. What each may do is the matter of `danger.test.ts`. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Role } from './world/people';
import { open, signIn, Walkers } from './world/walker';

const { base } = inject('platform');
const { stations } = inject('places');
let walkers: Walkers;

beforeAll(async () => {
  walkers = await Walkers.start();
});
afterAll(() => walkers?.end());

/** The role's name in the bar, and the stations whose figures are shown. */
const SEEN: [Role, string, number[]][] = [
  ['chief', '超管', [0, 1, 2]],
  ['manager', '管理员', [0, 1]],
  ['operator', '运维', [0, 1]],
  ['reader', '只读', [0, 1]],
  ['southern', '只读', [2]],
];

describe('somebody who signs in', () => {
  it.each(SEEN)('as %s sees his own stations and their piles', async (role, name, own) => {
    const page = await walkers.as(role);
    await page.waitForSelector(`header :text("${name}")`);
    await open(page, 'station');
    for (const nth of own) await page.waitForSelector(`main >> text=${stations[nth]?.sta_name}`);
    const foreign = [0, 1, 2].filter((nth) => !own.includes(nth));
    const shown = await page.locator('main').innerText();
    for (const nth of foreign) expect(shown).not.toContain(stations[nth]?.sta_name);
    await open(page, 'asset');
    await page.waitForFunction((n) => document.querySelectorAll('.el-table__row').length >= n, own.length);
    const list = await page.locator('main').innerText();
    for (const nth of foreign) expect(list).not.toContain(stations[nth]?.sta_name);
    await page.context().close();
  });

  it('is told when the password is wrong, and what was typed stays', async () => {
    const page = await walkers.page();
    await page.goto(base);
    await signIn(page, 'south.reader', 'not the password 1');
    await page.waitForSelector('[role=alert]');
    expect(await page.inputValue('input[name=account]')).toBe('south.reader');
    await page.context().close();
  });

  it('comes to the page that was asked for', async () => {
    const page = await walkers.page();
    await open(page, 'warn?state=open');
    await signIn(page, 'east.reader', 'walk-of-the-console-1');
    await page.waitForSelector('nav.menu');
    await page.waitForURL(/\/console\/warn\?state=open/);
    await page.context().close();
  });

  it('does not come to a pile that is not his', async () => {
    const page = await walkers.as('southern');
    const [first] = inject('places').piles;
    await open(page, `asset/${first?.device_id}`);
    await page.waitForSelector('[role=alert]');
    expect(await page.locator('main').innerText()).not.toContain(first?.uuid);
    expect(walkers.complaints).toEqual([]);
  });
});
