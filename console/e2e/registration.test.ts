/** TCUs that nobody knows ask to be let in: one is approved and comes into service, one is refused and is told why. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Client } from './world/api';
import { agree, refuse } from './world/hands';
import { ACCOUNTS, PASSWORD } from './world/people';
import { strangers, waiting } from './world/strangers';
import { open, Walkers } from './world/walker';

const platform = inject('platform');
const fleet = strangers(platform, 'WALKREG', 2);
const REASON = '合同还没有签';
let walkers: Walkers;
let page: Page;
let approved: string;
let refused: string;

beforeAll(async () => {
  walkers = await Walkers.start();
  fleet.on();
  const chief = await Client.signIn(platform.api, ACCOUNTS.chief, PASSWORD);
  [approved, refused] = (await waiting(chief, 'WALKREG', 2)) as [string, string];
  page = await walkers.as('chief');
});
afterAll(async () => {
  await fleet.off();
  await walkers?.end();
});

const rowOf = (sn: string) => page.locator('.el-table__row', { hasText: sn });
const drawer = () => page.locator('.el-drawer:has(form)');
const send = (name: string): Promise<void> =>
  drawer().locator('.el-drawer__footer').getByRole('button', { name, exact: true }).click();

describe('a TCU that asks to be let in', () => {
  it('is approved on its own page, and comes into service', async () => {
    await open(page, 'registration?state=待审核');
    await rowOf(refused).waitFor();
    await rowOf(approved).getByRole('link', { name: approved }).click();
    const head = page.locator('article.tcu > :first-child');
    await head.getByText('待审核').waitFor();
    await head.getByRole('button', { name: '批准', exact: true }).click();
    await drawer().getByText('分配新的 uuid 和密码').waitFor();
    await drawer().locator('textarea[name=reason]').fill('现场已验收');
    // Whoever says no is back at the form, with what was typed.
    await send('批准');
    expect(await refuse(page)).toContain(approved);
    expect(await drawer().locator('textarea[name=reason]').inputValue()).toBe('现场已验收');
    await send('批准');
    await agree(page);
    await drawer().waitFor({ state: 'detached' });
    await head.getByText(/已注册|在役/).waitFor();
    // Switched on anew they ask at once; else each pause is twice as long as the one before.
    await fleet.off();
    fleet.on();
    await head.getByText('在役').waitFor();
    expect(await page.locator('article.tcu').innerText()).toContain('现场已验收');
  });

  it('is refused from the list, with a reason that its page shows', async () => {
    await open(page, 'registration?state=待审核');
    await rowOf(refused).locator('.el-checkbox').click();
    await page.getByRole('button', { name: '拒绝（1）' }).click();
    await drawer().locator('textarea[name=reason]').fill(REASON);
    await send('拒绝');
    expect(await agree(page)).toContain('不能接入');
    await drawer().waitFor({ state: 'detached' });
    await rowOf(refused).waitFor({ state: 'detached' });
    await open(page, `registration/tcu/${refused}`);
    const tcu = page.locator('article.tcu');
    await tcu.getByText('已拒绝').first().waitFor();
    expect(await tcu.innerText()).toContain(REASON);
    await tcu.getByRole('button', { name: '批准', exact: true }).waitFor();
  });

  it('is not let in by 只读', async () => {
    const reader = await walkers.as('reader');
    await open(reader, `registration/tcu/${refused}`);
    await reader.locator('main').waitFor();
    const button = reader.getByRole('button', { name: '批准', exact: true });
    // Either he does not see it at all, or he cannot press it.
    await reader.locator('main :is(.dead-end, .failed, button)').first().waitFor();
    if (await button.count()) expect(await button.isDisabled()).toBe(true);
    expect(walkers.complaints).toEqual([]);
    await reader.context().close();
  });
});
