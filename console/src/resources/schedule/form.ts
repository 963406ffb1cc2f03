/** A schedule, from what a form holds to what the API takes. Pure. */
import type { Schemas } from '@/api/types';
import { assemble, type Draft, draftOf } from '@/ground/command/fields';
import type { Kind } from '@/ground/command/kinds';
import { type Selection, tidy } from '@/ground/pick/selection';

export type Schedule = Schemas['ScheduleItem'];

/** Commands that may recur: they only ask, or set the clock. */
export const RECURRING = ['软件版本查询', 'SIM卡召唤', '参数查询', '对时', '关键器件动作'];

export interface ScheduleForm {
  schedule_id: number;
  timestamp: number;
  name: string;
  command: string;
  fields: Draft;
  cron: string;
  selection: Selection;
  skip_offline: boolean;
  /** Over so many minutes; the API has seconds. */
  spread_min: number;
  rate_per_s: number;
  timeout_s: number;
  enabled: boolean;
}

export const BLANK: ScheduleForm = {
  schedule_id: 0,
  timestamp: 0,
  name: '',
  command: '',
  fields: {},
  cron: '30 2 * * *',
  selection: {},
  skip_offline: true,
  spread_min: 60,
  rate_per_s: 0,
  timeout_s: 300,
  enabled: true,
};

/** The kinds that may recur; a clock that is set again and again is set to the time of sending. */
export function recurring(kinds: Kind[]): Kind[] {
  return kinds
    .filter((kind) => RECURRING.includes(kind.command))
    .map((kind) => (kind.command === '对时' ? { ...kind, fields: [] } : kind));
}

export function formOf(schedule: Schedule, kinds: Kind[]): ScheduleForm {
  const kind = kinds.find((kind) => kind.command === schedule.command);
  const { schedule_id, timestamp, name, command, cron, skip_offline, rate_per_s, timeout_s, enabled } =
    schedule;
  return {
    schedule_id,
    timestamp,
    name,
    command,
    cron,
    skip_offline,
    rate_per_s,
    timeout_s,
    enabled,
    fields: draftOf(kind?.fields ?? [], schedule.fields as Record<string, unknown>),
    selection: tidy(schedule.selection),
    spread_min: schedule.spread_s / 60,
  };
}

/** What the API takes of it; a new one says also whether it is to run. */
export function bodyOf(form: ScheduleForm, kind: Kind | undefined): Record<string, unknown> {
  const { name, command, cron, skip_offline, rate_per_s, timeout_s } = form;
  const body = {
    name,
    command,
    fields: assemble(kind?.fields ?? [], form.fields),
    cron: cron.trim(),
    selection: tidy(form.selection),
    skip_offline,
    spread_s: Math.round(form.spread_min * 60),
    rate_per_s,
    timeout_s,
  };
  if (!form.schedule_id) return { ...body, enabled: form.enabled };
  return { ...body, schedule_id: form.schedule_id, timestamp: form.timestamp };
}
