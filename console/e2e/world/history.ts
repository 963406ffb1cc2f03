/** Some of everything that people do and piles answer, so that no page is empty. */
import { Client } from './api';
import { arrived, badFleet, draft } from './campaign';
import type { Fleet } from './fleet';
import { ACCOUNTS, PASSWORD, type Places } from './people';
import type { Platform } from './platform';
import { strangers, waiting } from './strangers';
import { trouble } from './trouble';
import { until } from './wait';

/** Ids of what was made, for pages that show one. */
export interface Deeds {
  log_id: number;
  batch_id: number;
  template_id: number;
  schedule_id: number;
  /** Serial numbers: of a TCU that waits to be let in, and of one that is in service. */
  stranger: string;
  member: string;
}
export interface History extends Deeds {
  campaign_id: number;
  /** What runs for it. */
  fleets: Fleet[];
}

const MODEL = 'HPC-480';
const CROWD = 40;
/** Until a bad package has been found out, on a machine that draws pictures meanwhile. */
const HALT = 600_000;

/** What people do without a campaign; ends when the log is there. */
export async function deeds(platform: Platform, places: Places): Promise<Deeds> {
  const signIn = (account: string): Promise<Client> => Client.signIn(platform.api, account, PASSWORD);
  const [chief, manager] = [await signIn(ACCOUNTS.chief), await signIn(ACCOUNTS.manager)];
  const operator = await signIn(ACCOUNTS.operator);
  const log_id = await ask(chief, operator, places);
  return { log_id, ...(await rules(manager, operator, places)), ...(await members(platform, chief, places)) };
}

/** Somebody new, who has asked once, and somebody who has long been in. */
async function members(
  platform: Platform,
  chief: Client,
  { piles }: Places,
): Promise<Pick<Deeds, 'stranger' | 'member'>> {
  const fleet = strangers(platform, 'HISTORY', 2);
  fleet.on();
  const [stranger = ''] = await waiting(chief, 'HISTORY', 2).finally(() => fleet.off());
  const query = { uuid: piles[0]?.uuid ?? '', page_size: 1 };
  const { items } = await chief.get<{ items: { sn: string }[] }>('/registration/list', query);
  return { stranger, member: items[0]?.sn ?? '' };
}

/** Makes it; ends when the campaign has halted and the log is there. */
export async function make(platform: Platform, places: Places): Promise<History> {
  const fleet = badFleet(platform, MODEL, CROWD);
  fleet.on();
  const signIn = (account: string): Promise<Client> => Client.signIn(platform.api, account, PASSWORD);
  const [chief, manager] = [await signIn(ACCOUNTS.chief), await signIn(ACCOUNTS.manager)];
  await arrived(chief, MODEL, CROWD, places.stations[1]?.sta_id);
  const campaign_id = await draft(manager, '华东 HPC-480 主控程序 V2.0.0', MODEL);
  await manager.post('/ota/campaign/start', { campaign_id });
  const done = await deeds(platform, places);
  const ill = await trouble(
    platform,
    chief,
    places.stations.map(({ sta_id }) => sta_id),
  );
  await until(
    'the campaign’s halt',
    async () =>
      (await chief.get<{ state: string }>('/ota/campaign/detail', { campaign_id })).state === 'halted',
    HALT,
  );
  return { campaign_id, ...done, fleets: [fleet, ill] };
}

/** Single commands, and a log. */
async function ask(chief: Client, operator: Client, { piles }: Places): Promise<number> {
  const eastern = piles.slice(0, Math.floor((piles.length * 2) / 3));
  const kinds: [string, object | undefined][] = [
    ['软件版本查询', undefined],
    ['SIM卡召唤', undefined],
    ['关键器件动作', undefined],
    ['对时', undefined],
    ['参数查询', { 配置列表: [{ 名称: '心跳周期_秒' }, { 名称: '音量_百分比' }] }],
    ['参数配置', { 配置列表: [{ 名称: '音量_百分比', 值: '40' }] }],
  ];
  for (const { device_id } of eastern)
    for (const [command, fields] of kinds)
      await operator.post('/command/send', { device_id, command, fields });
  const device_id = eastern[0]?.device_id ?? 0;
  const device_ids = eastern.slice(0, 3).map((pile) => pile.device_id);
  const selection = { device_ids };
  const logs = await operator.post<{ log_id: number }[]>('/log/summon', { selection, file_name: 'tcu.log' });
  const log_id = logs[0]?.log_id ?? 0;
  await until('the log', async () => {
    const { state } = await chief.get<{ state: string }>('/log/detail', { log_id });
    return state === 'collected' || state === '已收集';
  });
  // Last: a pile that restarts has forgotten what it was asked for.
  await chief.post('/command/send', { device_id, command: '重启', fields: { 延时_秒: 1 } });
  return log_id;
}

/** Templates, schedules, a batch, models. */
async function rules(
  manager: Client,
  operator: Client,
  { east }: Places,
): Promise<Omit<Deeds, 'log_id' | 'stranger' | 'member'>> {
  for (const model of ['DC-60', 'DC-120', 'DC-240', MODEL])
    await manager.post('/device_model/add', { model }).catch(() => undefined);
  const organization_id = east;
  const items = { 心跳周期_秒: '60', 音量_百分比: '40', 屏幕亮度_百分比: '70' };
  const { template_id } = await manager.post<{ template_id: number }>('/parameter/template/add', {
    name: '华东标准参数',
    items,
    organization_id,
    remark: '夜间音量减半',
  });
  const selection = { organization_id: east };
  let schedule_id = 0;
  for (const [name, command, cron] of [
    ['SIM 卡普查', 'SIM卡召唤', '0 3 * * 1'],
    ['软件版本普查', '软件版本查询', '30 2 * * *'],
    ['器件动作次数', '关键器件动作', '0 */6 * * *'],
  ])
    ({ schedule_id } = await manager.post<{ schedule_id: number }>('/schedule/add', {
      ...{ name, command, cron, selection, organization_id, spread_s: 1800 },
    }));
  const body = { command: '软件版本查询', name: '升级前核对版本', selection, organization_id };
  const { batch_id } = await operator.post<{ batch_id: number }>('/command/batch/send', body);
  return { batch_id, template_id, schedule_id };
}
