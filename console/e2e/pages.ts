/** Every page of the console: as the menu has them and what hangs below. What opens over them: `layers.ts`. */
import type { Page } from 'playwright-core';
import type { History } from './world/history';
import type { Places } from './world/people';

/** Paths below `/console/`, `/` being the home page: those of the menu, in its order. */
export async function menuPaths(page: Page): Promise<string[]> {
  const links = await page
    .locator('nav.menu section a')
    .evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).pathname.replace(/^\/console/, '')));
  return [...new Set(links)];
}

/** Pages that the menu does not lead to directly. */
export function furtherPaths({ piles, south }: Places, made: Omit<History, 'fleets'>): string[] {
  const pile = `/asset/${piles[0]?.device_id}`;
  const campaign = `/ota/${made.campaign_id}`;
  const tabs = ['charge', 'failure', 'warning', 'command', 'parameter', 'login', 'log', 'detail'];
  return [
    pile,
    ...tabs.map((tab) => `${pile}?tab=${tab}`),
    ...['/command/send', `/command/send?device_id=${piles[0]?.device_id}`],
    ...['/command/batch', `/command/batch/${made.batch_id}`],
    ...['/parameter/value', `/parameter/template/${made.template_id}`],
    `/schedule/${made.schedule_id}`,
    ...['/ota/package', '/ota/new', campaign, `${campaign}/edit`],
    ...['piles', 'rail', 'events', 'plan', 'report'].map((tab) => `${campaign}/${tab}`),
    `/log/${made.log_id}`,
    ...['allow_list', 'open_access', 'account'].map((tab) => `/registration/${tab}`),
    ...[made.stranger, made.member].map((sn) => `/registration/tcu/${encodeURIComponent(sn)}`),
    `/organization/${south}/distribution`,
    ...['/password', '/no/such/page'],
  ];
}

/** Waits until nothing is being read any more and what was read is drawn. */
export async function settled(page: Page): Promise<void> {
  await page.waitForSelector('main, .wall, form');
  await page.waitForFunction(
    () =>
      !document.querySelector('.el-loading-mask:not(.el-fade-in-leave-active)') &&
      !document.querySelector('.el-skeleton') &&
      (document.querySelector('main, .wall, form')?.textContent?.trim().length ?? 0) > 0,
  );
  // Entries slide in and fade: a colour in between is nobody's.
  await page.waitForTimeout(600);
}
