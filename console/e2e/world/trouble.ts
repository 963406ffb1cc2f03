/** Piles that are not well: some raise warnings, some have lost their power. */
import type { Client } from './api';
import { arrived } from './campaign';
import { Fleet } from './fleet';
import type { Platform } from './platform';
import { until } from './wait';

const ILL = {
  model: 'DC-080',
  piles: 5,
  options: ['--speed', '20', '--warning-rate', '12', '--charge-rate', '4'],
};
const DARK = { model: 'DC-020', piles: 3, options: ['--charge-rate', '0'] };

/** Stations that have some of either; ends when warnings are open and the others offline. Gives those that still run. */
export async function trouble(platform: Platform, chief: Client, stations: number[]): Promise<Fleet> {
  const [ill, dark] = [ILL, DARK].map(({ model, piles, options }) => {
    const fleet = new Fleet(platform, model, ['--piles', String(piles), '--model', model, ...options]);
    fleet.on();
    return fleet;
  }) as [Fleet, Fleet];
  await arrived(chief, ILL.model, ILL.piles, stations[0]);
  await arrived(chief, DARK.model, DARK.piles, stations[1]);
  await dark.off();
  const total = async (path: string, query: Record<string, string>): Promise<number> =>
    (await chief.get<{ total: number }>(path, { ...query, page_size: 1 })).total;
  await until(
    'piles offline',
    async () => (await total('/asset/list', { state: '离线', model: DARK.model })) >= DARK.piles,
  );
  await until('open warnings', async () => (await total('/warn/list', { state: 'open' })) >= 3);
  return ill;
}
