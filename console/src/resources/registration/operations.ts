/** What staff do with registrations: which permission it takes, how dangerous it is, in which states it is offered. */
import { change } from '@/api/client';
import type { Schemas } from '@/api/types';
import type { Tone } from '@/ground/progress/progress';

export type Registration = Schemas['RegistrationItem'];

export const OPERATIONS = [
  'approve',
  'refuse',
  'enable',
  'disable',
  'change_uuid',
  'swap',
  'release',
  'retire',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** The states in the order of a TCU's life, with what each means to its reader. */
export const STATES = [
  ['待审核', 'warn'],
  ['已注册', 'busy'],
  ['在役', 'good'],
  ['已停用', 'bad'],
  ['已拒绝', 'off'],
  ['已释放', 'off'],
  ['已退役', 'off'],
] as const satisfies readonly (readonly [string, Tone])[];

export const toneOf = (state: string): Tone => STATES.find(([name]) => name === state)?.[1] ?? 'off';

/** What ends a uuid, or gives it to another TCU, needs more than approving. */
export function permissionOf(operation: Operation): string {
  return ['change_uuid', 'swap', 'release', 'retire'].includes(operation)
    ? 'dangerous_registration:write'
    : 'registration:write';
}

/** What cannot be taken back is confirmed by typing the serial number. */
export const isTyped = (operation: Operation): boolean => ['swap', 'release', 'retire'].includes(operation);
export const isDangerous = (operation: Operation): boolean =>
  isTyped(operation) || ['disable', 'change_uuid', 'refuse'].includes(operation);

/**
 * What can be done with it now. The API's `swap` is what the TCU allows that is put in; here it is offered for the one
 * that sits on a pile and is to be taken out.
 */
export function offered(row: Pick<Registration, 'allowed' | 'device_id'>): Operation[] {
  const can = (operation: Operation): boolean =>
    operation === 'swap'
      ? row.device_id !== 0 && row.allowed.includes('release')
      : row.allowed.includes(operation);
  return OPERATIONS.filter(can);
}

export interface Wanted {
  reason: string;
  /** Of a swap: the TCU that is put in. */
  new_sn: string;
}

/**
 * Has one done.
 * @throws ApiError
 */
export async function carryOut(
  operation: Operation,
  row: Pick<Registration, 'sn' | 'device_id' | 'timestamp'>,
  wanted: Wanted,
  once: string,
): Promise<Schemas['ChangedRegistration']> {
  const { sn, device_id, timestamp } = row;
  const reason = wanted.reason.trim() || undefined;
  switch (operation) {
    case 'approve':
    case 'refuse':
      // A TCU that waits asks again and again, and has another version each time.
      return change(`/registration/${operation}`, { sn, reason }, once);
    case 'swap':
      return change(
        '/registration/swap',
        { device_id, new_sn: wanted.new_sn.trim(), reason, timestamp },
        once,
      );
    default:
      return change(`/registration/${operation}`, { sn, reason, timestamp }, once);
  }
}

/** What became of several, done one after the other. */
export interface Outcome {
  done: string[];
  /** Serial number, and the server's words. */
  failed: [string, string][];
}

/** Does each in turn; one that is refused does not keep the others from being done. */
export async function inTurn<T extends { sn: string }>(
  rows: T[],
  work: (row: T) => Promise<unknown>,
  offline: string,
): Promise<Outcome> {
  const outcome: Outcome = { done: [], failed: [] };
  for (const row of rows) {
    try {
      await work(row);
      outcome.done.push(row.sn);
    } catch (error) {
      outcome.failed.push([row.sn, (error as Error).message || offline]);
    }
  }
  return outcome;
}
