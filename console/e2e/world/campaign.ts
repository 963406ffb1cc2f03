/** A fleet whose new program is bad, and the campaign that brings it: everything in seconds instead of hours. */
import { Client, stand } from './api';
import { Fleet } from './fleet';
import type { Platform } from './platform';
import { until } from './wait';

/** What the piles run, and what makes nine of ten starts fail. */
export const GOOD = 'V1.0.0';
export const BAD = 'V2.0.0';

/** Deadlines that a busy machine keeps. */
const PLAN = {
  canary_percent: 30,
  canary_count: 0,
  canary_soak_s: 60,
  stages: [{ percent: 100, soak_s: 60 }],
  control_percent: 25,
  max_at_once: 50,
  failure_budget_percent: 60,
  settled_percent: 80,
  deadlines: {
    eligible_s: 300,
    download_s: 60,
    downloaded_s: 300,
    update_s: 60,
    login_s: 60,
    campaign_s: 3600,
  },
  rail: { min_starts: 20, data_wait_s: 300, slot_s: 5, sample_s: 2 },
};

/** Piles of a model of their own, that start six charges a minute. */
export function badFleet(platform: Platform, name: string, piles: number): Fleet {
  return new Fleet(platform, name, [
    ...['--piles', String(piles), '--model', name, '--software', GOOD],
    ...['--speed', '60', '--charge-rate', '6', '--longest-charge', '1m'],
    ...['--boot-failure-rate', '0.03', '--warning-rate', '0', '--interval', '30s'],
    ...['--build', `${BAD}:boot-failure=0.9`],
  ]);
}

/** Waits until all of them have an asset; gives them the station, if one is named. */
export async function arrived(
  chief: Client,
  model: string,
  piles: number,
  sta_id?: number,
): Promise<{ device_id: number; name: string }[]> {
  const assets = await until(`the ${piles} piles of ${model}`, async () => {
    const query = { model, page_size: 200, sort: 'name' };
    type Row = { device_id: number; name: string };
    const { items } = await chief.get<{ items: Row[] }>('/asset/list', query);
    return items.length >= piles && items;
  });
  if (sta_id)
    for (const [nth, { device_id }] of assets.entries())
      await stand(chief, device_id, sta_id, `${nth + 1}号快充桩`);
  return assets;
}

/** Uploads a program. */
export async function upload(client: Client, version: string, model: string): Promise<number> {
  const form = new FormData();
  form.set('version', version);
  form.set('model', model);
  form.set('name', `${model} 主控程序`);
  form.set('file', new Blob([`${model} ${version} `.repeat(4_000)]), `${model}-${version}.bin`);
  return (await client.post<{ package_id: number }>('/ota/firmware/upload', form)).package_id;
}

/** A draft over the piles of the model, with the way back. */
export async function draft(client: Client, name: string, model: string): Promise<number> {
  const rollback_package_id = await upload(client, GOOD, model);
  const package_id = await upload(client, BAD, model);
  const body = { name, package_id, rollback_package_id, selection: { model }, plan: PLAN };
  return (await client.post<{ campaign_id: number }>('/ota/campaign/add', body)).campaign_id;
}
