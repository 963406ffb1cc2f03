/** TCUs that ask to be let in, and whom nobody has let in so far. */
import { Client } from './api';
import { Fleet } from './fleet';
import type { Platform } from './platform';
import { until } from './wait';

/** They ask for as long as they are on. */
export const strangers = (platform: Platform, name: string, piles: number): Fleet =>
  new Fleet(platform, name, ['--piles', String(piles)], '无人认识');

/** Their serial numbers, once all of them wait. */
export function waiting(chief: Client, name: string, piles: number): Promise<string[]> {
  return until(`${piles} of ${name} that wait`, async () => {
    const query = { state: '待审核', sn: name, page_size: 200, sort: 'sn' };
    const { items } = await chief.get<{ items: { sn: string }[] }>('/registration/list', query);
    return items.length >= piles && items.map(({ sn }) => sn);
  });
}
