/** A choice of piles as the API takes it: all that is given must hold, of a list any one. Pure. */
import type { Schemas } from '@/api/types';

export type Selection = Partial<Schemas['PileSelection']>;
export type Counted = Schemas['CountedPiles'];

/** Whether a condition says something. */
function says(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() !== '';
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** Without what says nothing, so that two choices that mean the same are the same. */
export function tidy(selection: Selection): Selection {
  return Object.fromEntries(Object.entries(selection).filter(([, value]) => says(value)));
}

/** Whether nothing is chosen; the API refuses that. */
export function isEmpty(selection: Selection): boolean {
  return Object.keys(tidy(selection)).length === 0;
}

/** Reads uuids as people paste them, in any case and with anything between; what is none comes apart. */
export function uuidsOf(text: string): { uuids: string[]; wrong: string[] } {
  const words = text
    .toUpperCase()
    .split(/[\s,;，；、|]+/)
    .filter(Boolean);
  const isUuid = (word: string): boolean => /^[A-Z]{8}$/.test(word);
  const unique = [...new Set(words)];
  return { uuids: unique.filter(isUuid), wrong: unique.filter((word) => !isUuid(word)) };
}
