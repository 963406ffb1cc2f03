/** A command's fields, from what a form holds to what the API takes, and back. Pure. */
import type { Field } from './kinds';

/** A parameter and its value, as a row of a form. */
export interface Setting {
  name: string;
  value: string;
}

/** What a form holds, by the fields' names. */
export type Draft = Record<string, unknown>;

/** What is wrong with a field: a word of `commands.…` and what belongs into it. */
export interface Fault {
  word: 'required' | 'number' | 'uuid' | 'md5' | 'time' | 'twice';
  named?: Record<string, unknown>;
}

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4}$/;

/** The rows that say something. */
export function rows(value: unknown): Setting[] {
  const all = Array.isArray(value) ? (value as Setting[]) : [];
  return all
    .map((row) => ({ name: row.name.trim(), value: row.value.trim() }))
    .filter((row) => row.name !== '' || row.value !== '');
}

function texts(value: unknown): string[] {
  const all = Array.isArray(value) ? (value as string[]) : [];
  return [...new Set(all.map((text) => text.trim()).filter(Boolean))];
}

/** A field as the API takes it; undefined if nothing was entered. */
function taken(field: Field, value: unknown): unknown {
  switch (field.shape) {
    case 'number':
      return value === undefined || value === null || value === '' ? undefined : Number(value);
    case 'texts':
      return texts(value).length ? texts(value) : undefined;
    case 'names':
      return texts(value).length ? texts(value).map((name) => ({ 名称: name })) : undefined;
    case 'settings':
      return rows(value).length ? rows(value).map((row) => ({ 名称: row.name, 值: row.value })) : undefined;
    case 'secret':
      return value || undefined;
    default:
      return String(value ?? '').trim() || undefined;
  }
}

/** All fields as the API takes them. */
export function assemble(fields: Field[], draft: Draft): Record<string, unknown> {
  const all = fields.map((field) => [field.name, taken(field, draft[field.name])] as const);
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

function twice(names: string[]): string | undefined {
  return names.find((name, i) => names.indexOf(name) !== i);
}

/** What is wrong with a field's value; the API has the last word. */
export function fault(field: Field, draft: Draft): Fault | null {
  const value = taken(field, draft[field.name]);
  if (value === undefined) return field.required ? { word: 'required' } : null;
  const text = String(value);
  switch (field.shape) {
    case 'number': {
      const [least, most] = [field.least ?? 0, field.most ?? Number.MAX_SAFE_INTEGER];
      const n = value as number;
      return Number.isInteger(n) && n >= least && n <= most
        ? null
        : { word: 'number', named: { least, most } };
    }
    case 'uuid':
      return /^[A-Z]{8}$/.test(text) ? null : { word: 'uuid' };
    case 'md5':
      return /^[0-9a-f]{32}$/i.test(text) ? null : { word: 'md5' };
    case 'time':
      return TIME.test(text) ? null : { word: 'time' };
    case 'settings': {
      const names = rows(draft[field.name]).map((row) => row.name);
      if (names.includes('')) return { word: 'required' };
      const name = twice(names);
      return name ? { word: 'twice', named: { name } } : null;
    }
    default:
      return null;
  }
}

/** Whether the form may be sent. */
export function sound(fields: Field[], draft: Draft): boolean {
  return fields.every((field) => fault(field, draft) === null);
}

/** What a form holds for fields that were sent before: to send again, or to edit. */
export function draftOf(fields: Field[], sent: Record<string, unknown>): Draft {
  const draft: Draft = {};
  for (const field of fields) {
    const value = sent[field.name];
    // Passwords come back struck out: they are asked for again.
    if (value === undefined || value === null || field.shape === 'secret') continue;
    const list = (Array.isArray(value) ? value : []) as Record<string, string>[];
    if (field.shape === 'names') draft[field.name] = list.map((item) => item['名称'] ?? '');
    else if (field.shape === 'settings') {
      draft[field.name] = list.map((item) => ({ name: item['名称'] ?? '', value: item['值'] ?? '' }));
    } else draft[field.name] = value;
  }
  return draft;
}
