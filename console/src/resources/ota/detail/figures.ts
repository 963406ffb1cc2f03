/** What the safety rail has seen, made ready for eyes: rates by measure, and the rate at which it would halt. */
import { bytes, figure } from '@/ground/format/format';
import type { Figure } from '../queries';
import { MEASURES, type Measure } from '../words';

export interface Side {
  piles: number;
  events: number;
  exposure: number;
  rate: number;
}
/** One look at one measure. */
export interface Look {
  measure: string;
  look: number;
  at: number;
  updated: Side;
  control: Side;
  p: number;
  bound: number;
  verdict: string;
}

const side = (piles: number, events: number, exposure: number): Side => ({
  piles,
  events,
  exposure,
  rate: exposure > 0 ? events / exposure : 0,
});

export function lookOf(row: Omit<Figure, 'campaign_id' | 'stage' | 'since' | 'excess'>): Look {
  return {
    measure: row.measure,
    look: row.look,
    at: row.look_time,
    updated: side(row.updated_piles, row.updated_events, row.updated_exposure),
    control: side(row.control_piles, row.control_events, row.control_exposure),
    p: row.p_value,
    bound: row.bound,
    verdict: row.verdict,
  };
}

/** The looks by measure, in the order of the measures; each oldest first. */
export function byMeasure(rows: Figure[]): { measure: Measure; looks: Look[] }[] {
  return MEASURES.map((measure) => ({
    measure,
    looks: rows.filter((row) => row.measure === measure).map(lookOf),
  }));
}

/** What a campaign holds of the looks that halted it; empty if it halted for another reason. */
export function halting(figures: unknown): Look[] {
  if (!Array.isArray(figures)) return [];
  return figures.filter(isHalting).map((one) => ({
    measure: one.measure,
    look: 0,
    at: 0,
    updated: one.updated,
    control: one.control,
    p: one.p_value,
    bound: one.bound,
    verdict: 'worse',
  }));
}

interface Halting {
  measure: string;
  updated: Side;
  control: Side;
  p_value: number;
  bound: number;
}
const isHalting = (one: unknown): one is Halting =>
  typeof one === 'object' && one !== null && 'measure' in one && 'updated' in one && 'control' in one;

/** A rate as it is read: shares in percent, warnings per pile and hour, bytes per pile and day. */
export function rated(measure: string, rate: number): string {
  if (measure === 'boot_failures' || measure === 'offline') return `${figure(rate * 100, 2)}%`;
  return measure === 'traffic' ? bytes(rate) : figure(rate, 3);
}

/** How many times the control group's rate; null where that is none. */
export function ratio(look: Look): number | null {
  return look.control.rate > 0 ? look.updated.rate / look.control.rate : null;
}

/** Below this nobody reads the digits. */
const LEAST_READ = 0.00001;

/** A probability as it is read, with two digits that count. */
export function probability(p: number): string {
  const text = (value: number): string => value.toLocaleString('en-US', { maximumSignificantDigits: 2 });
  return p > 0 && p < LEAST_READ ? `<${text(LEAST_READ)}` : text(p);
}

/** A look in one line, in the reader's language. */
export function told(look: Look, t: (key: string, named?: Record<string, unknown>) => string): string {
  const p = probability(look.p);
  return t('ota.lookTold', {
    measure: t(`ota.measure.${look.measure}`),
    updated: rated(look.measure, look.updated.rate),
    control: rated(look.measure, look.control.rate),
    p: p.startsWith('<') ? p : `=${p}`,
  });
}
