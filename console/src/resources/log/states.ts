/** Where a log stands: what it means to its reader, and how far it is. */
import type { Tone } from '@/ground/progress/progress';
import type { Schemas } from '@/api/types';

export type Log = Schemas['LogItem'];
export const LOG_STATES = [
  'requested',
  'commanded',
  'uploading',
  'collected',
  'failed',
  'cancelled',
] as const;

const TONES: Record<string, Tone> = {
  requested: 'wait',
  commanded: 'busy',
  uploading: 'busy',
  collected: 'good',
  failed: 'bad',
  cancelled: 'off',
};

export const logTone = (state: string): Tone => TONES[state] ?? 'wait';
export const hasEnded = (state: string): boolean => ['collected', 'failed', 'cancelled'].includes(state);

/** Percent that has arrived; null where the pile has not said how much there is. */
export function arrived({
  state,
  bytes,
  collected_bytes,
}: Pick<Log, 'state' | 'bytes' | 'collected_bytes'>): number | null {
  if (state === 'collected') return 100;
  return bytes > 0 ? Math.min(100, Math.floor((collected_bytes * 100) / bytes)) : null;
}

/** As it is saved. */
export function fileOf({ uuid, log_id, file_name }: Pick<Log, 'uuid' | 'log_id' | 'file_name'>): string {
  return `${uuid}-${log_id}-${file_name}`;
}
