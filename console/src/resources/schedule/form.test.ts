import { describe, expect, it } from 'vitest';
import type { Kind } from '@/ground/command/kinds';
import { BLANK, bodyOf, formOf, recurring, type Schedule } from './form';

const field = (name: string, shape: string) => ({
  name,
  shape,
  required: false,
  least: null,
  most: null,
  choices: [],
  description: '',
  description_en: '',
});
const kind = (command: string, shape?: string): Kind => ({
  command,
  dangerous: false,
  allowed: true,
  description: '',
  description_en: '',
  fields: shape ? [field('配置列表', shape)] : [],
});
const schedule = {
  schedule_id: 7,
  timestamp: 9,
  name: '夜间',
  command: '参数查询',
  fields: { 配置列表: [{ 名称: 'a', 值: '' }] },
  cron: '30 2 * * *',
  selection: { all: true, device_ids: [], uuids: [], sta_ids: [] },
  skip_offline: true,
  spread_s: 90,
  rate_per_s: 0,
  timeout_s: 300,
  enabled: true,
} as unknown as Schedule;

describe('a schedule', () => {
  it('comes back from its form as it was', () => {
    const names = kind('参数查询', 'names');
    expect(bodyOf(formOf(schedule, [names]), names)).toEqual({
      schedule_id: 7,
      timestamp: 9,
      name: '夜间',
      command: '参数查询',
      fields: { 配置列表: [{ 名称: 'a' }] },
      cron: '30 2 * * *',
      selection: { all: true },
      skip_offline: true,
      spread_s: 90,
      rate_per_s: 0,
      timeout_s: 300,
    });
  });

  it('is enabled or not from its beginning only', () => {
    expect(bodyOf({ ...BLANK, enabled: false }, undefined)).toMatchObject({ enabled: false, spread_s: 3600 });
    expect(bodyOf(formOf(schedule, []), undefined)).not.toHaveProperty('enabled');
  });

  it('is of a command that only asks, or sets the clock to the time of sending', () => {
    const some = recurring([kind('重启'), kind('对时', 'time'), kind('SIM卡召唤')]);
    expect(some.map((kind) => [kind.command, kind.fields.length])).toEqual([
      ['对时', 0],
      ['SIM卡召唤', 0],
    ]);
  });
});
