/** What the form for sending holds. Pure. */
import type { Draft } from '@/ground/command/fields';
import { draftOf } from '@/ground/command/fields';
import type { Kind } from '@/ground/command/kinds';
import type { Prefill } from '@/ground/command/prefill';
import { isEmpty, type Selection } from '@/ground/pick/selection';

export interface SendDraft {
  /** To many piles, as a batch. */
  many: boolean;
  /** The one pile; 0 = none yet. */
  device_id: number;
  selection: Selection;
  command: string;
  fields: Draft;
  /** Passwords, apart, because they are never kept. */
  secrets: Draft;
  timeout_s: number;
  /** Of a batch: piles per second, 0 = the platform's own limit. */
  rate_per_s: number;
  /** Of a batch. */
  name: string;
}

export function blank(device_id: number): SendDraft {
  return {
    many: false,
    device_id,
    selection: {},
    command: '',
    fields: {},
    secrets: {},
    timeout_s: 300,
    rate_per_s: 0,
    name: '',
  };
}

/** With what a link brought along. */
export function filled(prefill: Prefill, kinds: Kind[]): SendDraft {
  const kind = kinds.find((kind) => kind.command === prefill.command);
  return {
    ...blank(prefill.device_id ?? 0),
    many: prefill.selection !== undefined,
    selection: prefill.selection ?? {},
    command: kind?.command ?? '',
    fields: draftOf(kind?.fields ?? [], prefill.fields),
  };
}

/** A kind as the form asks for it: a batch carries no password, because it is kept and passwords are not. */
export function asked(kinds: Kind[], many: boolean): Kind[] {
  if (!many) return kinds;
  return kinds.map((kind) => ({ ...kind, fields: kind.fields.filter((field) => field.shape !== 'secret') }));
}

/** The fields of a form, its passwords apart. */
export function split(kind: Kind | undefined, all: Draft): { fields: Draft; secrets: Draft } {
  const secret = new Set(kind?.fields.filter((field) => field.shape === 'secret').map((field) => field.name));
  const part = (is: boolean): Draft =>
    Object.fromEntries(Object.entries(all).filter(([name]) => secret.has(name) === is));
  return { fields: part(false), secrets: part(true) };
}

/** To which piles it would go; null while none is chosen. */
export function target(draft: SendDraft): Selection | null {
  if (!draft.many) return draft.device_id ? { device_ids: [draft.device_id] } : null;
  return isEmpty(draft.selection) ? null : draft.selection;
}
