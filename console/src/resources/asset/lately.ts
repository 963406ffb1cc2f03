/** What one pile has lately done and suffered: which list, which columns. */
import { read } from '@/api/client';
import { figure, minutes, time } from '@/ground/format/format';
import { said } from '@/ground/i18n/said';

type Row = Record<string, never>;
interface Kind {
  words: string;
  read: (device_id: number) => Promise<Row[]>;
  columns: { key: string; width: number; text: (row: Row) => string; look?: 'figure' | 'mono' }[];
}

const DAY = 86_400_000;
const page = (days: number): { page: number; page_size: number; from: number; to: number } => {
  const to = Date.now();
  return { page: 1, page_size: 50, from: to - days * DAY, to };
};
const plain = (key: string, width: number) => ({
  key,
  width,
  text: (row: Row) => String(row[key] ?? '–') || '–',
});
const number = (key: string, width: number) => ({ ...plain(key, width), look: 'figure' as const });
const code = (key: string, width: number) => ({ ...plain(key, width), look: 'mono' as const });
const known = (key: string, width: number) => ({ key, width, text: (row: Row) => said(row[key]) || '–' });
const at = (key: string) => ({ key, width: 150, text: (row: Row) => time(row[key]) });

export const lately: Record<string, Kind> = {
  charge: {
    words: 'asset.charge',
    read: async (device_id) => (await read('/trade_record/list', { ...page(30), device_id })).items as never,
    columns: [
      at('start_time'),
      { key: 'energy', width: 90, look: 'figure', text: (row) => figure(row.energy, 3) },
      { key: 'charged_minutes', width: 80, look: 'figure', text: (row) => minutes(row.charged_minutes) },
      number('gun_num', 60),
      number('start_soc', 70),
      number('end_soc', 70),
      known('charge_way', 90),
      plain('stop_reason', 150),
      code('vin', 160),
    ],
  },
  failure: {
    words: 'asset.failure',
    read: async (device_id) => (await read('/boot_failure/list', { ...page(30), device_id })).items as never,
    columns: [
      at('timestamp'),
      number('gun_num', 60),
      known('failed_party', 90),
      plain('failed_text', 200),
      code('failed_hex', 80),
      code('vin', 160),
    ],
  },
  warning: {
    words: 'asset.warning',
    read: async (device_id) => (await read('/warn/list', { ...page(30), device_id })).items as never,
    columns: [
      plain('state', 70),
      plain('warn_name', 160),
      code('warn_code', 90),
      at('timestamp'),
      at('recover_time'),
    ],
  },
  login: {
    words: 'asset.login',
    read: async (device_id) => (await read('/login/list', { ...page(30), device_id })).items as never,
    columns: [
      at('timestamp'),
      plain('software_version', 110),
      plain('hardware_version', 110),
      code('sim', 180),
    ],
  },
};
