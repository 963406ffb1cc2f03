/** The plan of a campaign: its defaults, whom it updates when, what it gets wrong and what is dangerous about it. */
import type { Schemas } from '@/api/types';

type Whole<T> = { [K in keyof T]-?: NonNullable<T[K]> };
export interface Window {
  /** 1 = Monday … 7 = Sunday; none = every day. */
  days: number[];
  /** `HH:MM`, Asia/Shanghai. */
  from: string;
  to: string;
}
export type Plan = Omit<Whole<Schemas['PlanBody']>, 'rail' | 'deadlines' | 'windows'> & {
  rail: Whole<Schemas['RailBody']>;
  deadlines: Whole<Schemas['DeadlinesBody']>;
  windows: Window[];
};

const HOUR = 3600;
const DAY = 24 * HOUR;

/** What the server takes where nothing is said (`Plan::default` of the store). */
export function standard(): Plan {
  return {
    canary_percent: 5,
    canary_count: 50,
    canary_soak_s: DAY,
    stages: [20, 50, 100].map((percent) => ({ percent, soak_s: DAY })),
    control_percent: 10,
    windows: [],
    download_outside_windows: false,
    allow_while_charging: false,
    max_at_once: 200,
    max_attempts: 3,
    settled_percent: 95,
    failure_budget_percent: 10,
    deadlines: {
      eligible_s: 3 * DAY,
      download_s: HOUR,
      downloaded_s: 2 * DAY,
      update_s: 300,
      login_s: 1800,
      campaign_s: 30 * DAY,
    },
    rail: {
      enabled: true,
      false_halt_percent: 5,
      looks_per_soak: 4,
      worse_by_percent: 25,
      min_starts: 500,
      data_wait_s: 6 * DAY,
      slot_s: HOUR,
      sample_s: 300,
    },
  };
}

/** A plan as the server shows it, every field there. */
export function whole(plan: Schemas['PlanBody']): Plan {
  const base = standard();
  return {
    ...base,
    ...plan,
    windows: (plan.windows ?? []).map(({ days, from, to }) => ({ days: days ?? [], from, to })),
    rail: { ...base.rail, ...plan.rail },
    deadlines: { ...base.deadlines, ...plan.deadlines },
  } as Plan;
}

/** With fewer piles held back, small harm is not seen. */
const TELLING_CONTROL = 50;

/** How many piles are held back, and how many are updated in each stage, the canary first; as the connector draws. */
export function sizes(plan: Plan, piles: number): { control: number; stages: number[] } {
  const part = (percent: number, of: number): number => Math.ceil((of * percent) / 100);
  const control = Math.min(part(plan.control_percent, piles), Math.floor(piles / 2));
  const updated = piles - control;
  const wanted = Math.max(part(plan.canary_percent, updated), plan.canary_count);
  let done = plan.stages.length ? Math.min(wanted, Math.ceil(updated / 2)) : updated;
  const stages = [done];
  for (const stage of plan.stages) {
    const until = Math.max(part(stage.percent, updated), done);
    stages.push(until - done);
    done = until;
  }
  return { control, stages };
}

/** Seconds until the last stage is through at the earliest: every soak, no time for the updates themselves. */
export function shortest(plan: Plan): number {
  return plan.canary_soak_s + plan.stages.reduce((sum, stage) => sum + stage.soak_s, 0);
}

/** What is wrong with a plan: the field, as the server names it, and the key of the rule's words. */
export function faults(plan: Plan): { field: string; rule: string }[] {
  const found: { field: string; rule: string }[] = [];
  const require = (holds: boolean, field: string, rule: string): void => {
    if (!holds) found.push({ field, rule });
  };
  require(plan.canary_percent > 0 || plan.canary_count > 0, 'plan.canary_percent', 'noCanary');
  require(!plan.rail.enabled || plan.control_percent > 0, 'plan.control_percent', 'noControl');
  plan.stages.forEach(({ percent }, i) => {
    const rises = percent > (plan.stages[i - 1]?.percent ?? 0);
    const ends = i + 1 < plan.stages.length || percent === 100;
    require(rises && ends, `plan.stages[${i}].percent`, 'stagesRise');
  });
  plan.windows.forEach(({ from, to }, i) => {
    const hour = /^([01]\d|2[0-3]):[0-5]\d$/;
    require(hour.test(from) && hour.test(to) && from !== to, `plan.windows[${i}]`, 'window');
  });
  return found;
}

/** Words for what a careful person would ask about before this is started. */
export function dangers(plan: Plan, piles: number, wayBack: boolean): string[] {
  const { control, stages } = sizes(plan, piles);
  const found: string[] = [];
  if (!wayBack) found.push('noWayBack');
  if (!plan.rail.enabled) found.push('noRail');
  if (plan.allow_while_charging) found.push('whileCharging');
  if (!plan.windows.length) found.push('anyTime');
  if (piles > 0 && (stages.length === 1 || (stages[0] ?? 0) * 2 > piles - control)) found.push('bigCanary');
  if (plan.rail.enabled && control < TELLING_CONTROL) found.push('smallControl');
  if (plan.canary_soak_s < HOUR) found.push('shortSoak');
  if (plan.failure_budget_percent > 30) found.push('bigBudget');
  return found;
}
