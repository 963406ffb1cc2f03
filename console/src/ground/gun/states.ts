/** The states of guns and piles: the API's word, the colour's name, the shape. The same everywhere. */
import type { Schemas } from '@/api/types';

export const STATES = ['charging', 'idle', 'fault', 'offline', 'other', 'unknown'] as const;
export type State = (typeof STATES)[number];

const WORDS: Record<Schemas['GunWord'] | Schemas['PileState'], State> = {
  充电: 'charging',
  空闲: 'idle',
  故障: 'fault',
  离线: 'offline',
  其他: 'other',
  未接入: 'unknown',
};

export function stateOf(word: string): State {
  return WORDS[word as keyof typeof WORDS] ?? 'other';
}

/** Outlines within 16 by 16: a bolt, a ring, a triangle, a cross, a square, a dashed ring. */
export const SHAPES: Record<State, string> = {
  charging: 'M9.5 1 3.5 9h3.6L6.2 15 12.5 6.6H8.6z',
  idle: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zm0 2.4a3.6 3.6 0 1 1 0 7.2 3.6 3.6 0 0 1 0-7.2z',
  fault: 'M8 1.5 15.2 14H.8zM7.2 6v4h1.6V6zm0 5v1.6h1.6V11z',
  offline: 'm3.2 4.8 1.6-1.6L8 6.4l3.2-3.2 1.6 1.6L9.6 8l3.2 3.2-1.6 1.6L8 9.6l-3.2 3.2-1.6-1.6L6.4 8z',
  other: 'M3 3h10v10H3zm2 2v6h6V5z',
  unknown: 'M6.9 7.2h2.2v1.6H6.9zM2 7.2h2.2v1.6H2zm9.8 0H14v1.6h-2.2z',
};

/** The name of the state's colour among the tokens. */
export function colour(state: State): string {
  return state === 'unknown' ? 'offline' : state;
}
