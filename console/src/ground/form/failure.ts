/** What a refused form has to say, and where. */
import { ApiError } from '@/api/client';

export interface Said {
  /** The field as it is named on the wire; null if it is about the whole. */
  field: string | null;
  /** The rule, in the reader's language. */
  text: string;
}

/** The API begins the text of a 422 with the field: `details.user_name：1到64字`. */
const NAMED = /^([a-z][\w.[\]]*)\s*(?:：|: )(.+)$/s;

/** Reads a failure. */
export function said(error: unknown, offline: string): Said {
  const text = error instanceof Error && error.message ? error.message : offline;
  const named = error instanceof ApiError && error.status === 422 ? NAMED.exec(text) : null;
  return named ? { field: named[1]!, text: named[2]! } : { field: null, text };
}

/** Whether a field of the form is meant: the API names it by its whole path, an element by its place. */
export function means(said: string, field: string): boolean {
  const last = said.replace(/\[\d+\]/g, '');
  return said === field || last === field || last.endsWith(`.${field}`) || last.startsWith(`${field}.`);
}

/** Fields that differ, without the version. */
export function differing<T extends object>(a: T, b: T): (keyof T & string)[] {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])] as (keyof T & string)[];
  return keys.filter((key) => key !== 'timestamp' && JSON.stringify(a[key]) !== JSON.stringify(b[key]));
}

/** An `Idempotency-Key`. The browser's own maker of uuids exists on secure origins only. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
