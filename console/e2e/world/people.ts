/** Two organizations, their stations with the simulated piles, and somebody of every role. */
import { Client, stand } from './api';
import type { Platform } from './platform';
import { until } from './wait';

/** The password that everybody has after the first sign-in. */
export const PASSWORD = 'walk-of-the-console-1';

/** Accounts by what they may. */
export const ACCOUNTS = {
  /** 超管: everything, everywhere. */
  chief: 'admin',
  /** 管理员 of the eastern organization. */
  manager: 'east.manager',
  /** 运维 of it: no dangerous commands, no campaigns. */
  operator: 'east.operator',
  /** 只读 of it. */
  reader: 'east.reader',
  /** 只读 of the southern organization. */
  southern: 'south.reader',
} as const;
export type Role = keyof typeof ACCOUNTS;

/** Ids that the walks need. */
export interface Places {
  east: number;
  south: number;
  /** Stations: the first two are eastern, the third is southern, the fourth nobody's. */
  stations: { sta_id: number; sta_name: string }[];
  /** Piles of `pile-ops`, in the order of their stations. */
  piles: { device_id: number; uuid: string }[];
}

const STATIONS = [
  { sta_name: '虹桥枢纽充电站', province: '上海市', city: '上海市', address: '申虹路1500号' },
  { sta_name: '浦东机场充电站', province: '上海市', city: '上海市', address: '迎宾大道6000号' },
  { sta_name: '深圳湾充电站', province: '广东省', city: '深圳市', address: '望海路2032号' },
  { sta_name: '西湖文化广场充电站', province: '浙江省', city: '杭州市', address: '中山北路581号' },
];

/** Makes them, in a new database whose piles have logged in. */
export async function settle(platform: Platform, piles: number): Promise<Places> {
  const { account, password } = platform.first;
  const chief = await Client.first(platform.api, account, password, PASSWORD);
  const organization = async (organization_name: string, parent_id: number): Promise<number> => {
    const details = { organization_name, contact: '', contact_information: '' };
    const added = await chief.post<{ organization_id: number }>('/organization/add', { parent_id, details });
    return added.organization_id;
  };
  const group = await organization('全国运营中心', 0);
  const east = await organization('华东分公司', group);
  const south = await organization('华南分公司', group);
  const stations: Places['stations'] = [];
  for (const station of STATIONS) stations.push(await chief.post('/station/add', station));
  const of = (...nths: number[]): number[] => nths.map((n) => stations[n]?.sta_id ?? 0);
  await chief.post('/organization/station/distribution', { organization_id: group, sta_ids: of(0, 1, 2, 3) });
  await chief.post('/organization/station/distribution', { organization_id: east, sta_ids: of(0, 1) });
  await chief.post('/organization/station/distribution', { organization_id: south, sta_ids: of(2) });
  await people(chief, platform, east, south);
  return { east, south, stations, piles: await place(chief, stations, piles) };
}

async function people(chief: Client, platform: Platform, east: number, south: number): Promise<void> {
  const everybody: [Role, number, number, string][] = [
    ['manager', 2, east, '王建国'],
    ['operator', 3, east, '李晓梅'],
    ['reader', 4, east, '张伟'],
    ['southern', 4, south, '陈静'],
  ];
  for (const [role, role_id, organization, user_name] of everybody) {
    const details = { user_name, role_id, phone: '', email: '', organization_ids: [organization] };
    const account = ACCOUNTS[role];
    const given = await chief.post<{ password: string }>('/user/add', { account, details });
    await Client.first(platform.api, account, given.password, PASSWORD);
  }
}

/** Gives the piles that have come a station and a name. */
async function place(chief: Client, stations: Places['stations'], piles: number): Promise<Places['piles']> {
  const assets = await until('every simulated pile', async () => {
    const query = { page_size: 200, sort: 'name' };
    type Row = { device_id: number; name: string; model: string };
    const { items } = await chief.get<{ items: Row[] }>('/asset/list', query);
    // What a pile says of itself is filled in once it has logged in.
    return items.length >= piles && items.every(({ model }) => model) && items;
  });
  const placed: Places['piles'] = [];
  for (const [nth, { device_id, name }] of assets.entries()) {
    const sta_id = stations[Math.floor((nth * 3) / assets.length)]?.sta_id ?? 0;
    await stand(chief, device_id, sta_id, `${nth + 1}号桩`);
    placed.push({ device_id, uuid: name });
  }
  return placed;
}
