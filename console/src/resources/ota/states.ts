/** The words of campaigns and their piles: what each means to its reader, and what may be asked in which. */
import type { Part, Tone } from '@/ground/progress/progress';

export const CAMPAIGN_STATES = [
  'draft',
  'running',
  'paused',
  'halted',
  'rolling_back',
  'finished',
  'aborted',
  'rolled_back',
] as const;

/** In the order in which a pile goes through them; what has come to an end otherwise stands behind. */
export const PILE_STATES = [
  'succeeded',
  'succeeded_uncharged',
  'soaking',
  'awaiting_login',
  'updating',
  'downloaded',
  'downloading',
  'eligible',
  'waiting',
  'failed',
  'timed_out',
  'rolled_back',
  'skipped',
  'control',
] as const;

const CAMPAIGN_TONES: Record<string, Tone> = {
  draft: 'wait',
  running: 'busy',
  paused: 'warn',
  halted: 'bad',
  rolling_back: 'warn',
  finished: 'good',
  aborted: 'off',
  rolled_back: 'off',
};
const PILE_TONES: Record<string, Tone> = {
  succeeded: 'good',
  succeeded_uncharged: 'good',
  soaking: 'busy',
  awaiting_login: 'busy',
  updating: 'busy',
  downloaded: 'busy',
  downloading: 'busy',
  eligible: 'wait',
  waiting: 'wait',
  failed: 'bad',
  timed_out: 'bad',
  rolled_back: 'warn',
  skipped: 'off',
  control: 'off',
};

export const campaignTone = (state: string): Tone => CAMPAIGN_TONES[state] ?? 'wait';
export const pileTone = (state: string): Tone => PILE_TONES[state] ?? 'wait';

export type Ask = 'start' | 'pause' | 'resume' | 'abort' | 'rollback';
/** As the web API allows it. */
const ASKS: Record<string, Ask[]> = {
  draft: ['start'],
  running: ['pause', 'abort', 'rollback'],
  paused: ['resume', 'abort', 'rollback'],
  halted: ['resume', 'rollback', 'abort'],
  rolling_back: ['abort'],
  finished: ['rollback'],
  aborted: ['rollback'],
};

/** What may be asked of a campaign. There is no going back without a package to go back to. */
export function asks(campaign: { state: string; rollback_package_id: number }): Ask[] {
  const allowed = ASKS[campaign.state] ?? [];
  return campaign.rollback_package_id ? allowed : allowed.filter((ask) => ask !== 'rollback');
}

/** Whether it may change without its reader's doing, so that it is read again. */
export function isLive(state: string): boolean {
  return !['finished', 'rolled_back'].includes(state);
}

/** Counts by state, in the order of the states, for the bar. */
export function parts(counts: { state: string; piles: number }[], label: (state: string) => string): Part[] {
  const by = new Map<string, number>();
  for (const { state, piles } of counts) by.set(state, (by.get(state) ?? 0) + piles);
  const known: readonly string[] = PILE_STATES;
  const others = [...by.keys()].filter((state) => !known.includes(state));
  return [...known, ...others]
    .filter((state) => by.has(state))
    .map((state) => ({ key: state, label: label(state), count: by.get(state)!, tone: pileTone(state) }));
}
