/** What an operation has changed, field by field. Pure. */

export interface Changed {
  /** The field, with a dot where it stands within another. */
  field: string;
  before: unknown;
  after: unknown;
  differs: boolean;
}

/** Say nothing: the version always differs, and what is deleted has no “after”. */
const PLAIN = ['timestamp', 'flag_del'];

function object(text: string): Record<string, unknown> | null {
  if (!text) return null;
  try {
    const value: unknown = JSON.parse(text);
    return value && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : { '': value };
  } catch {
    return { '': text };
  }
}

function flat(value: Record<string, unknown>, within = ''): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [key, item] of Object.entries(value)) {
    const path = within ? `${within}.${key}` : key;
    if (item && typeof item === 'object' && !Array.isArray(item)) {
      for (const [k, v] of flat(item as Record<string, unknown>, path)) found.set(k, v);
    } else found.set(path, item);
  }
  return found;
}

/** All fields of both, those that differ first. A text that is no JSON is one field without a name. */
export function fieldsOf(before: string, after: string): Changed[] {
  const [was, is] = [flat(object(before) ?? {}), flat(object(after) ?? {})];
  const fields = [...new Set([...was.keys(), ...is.keys()])].filter((field) => !PLAIN.includes(field));
  return fields
    .map((field) => {
      const [a, b] = [was.get(field), is.get(field)];
      return { field, before: a, after: b, differs: JSON.stringify(a) !== JSON.stringify(b) };
    })
    .sort((a, b) => Number(b.differs) - Number(a.differs));
}

/** What was added to a list and what taken from it; null if they are no lists. */
export function listChange(before: unknown, after: unknown): { added: unknown[]; removed: unknown[] } | null {
  if (!Array.isArray(before) && !Array.isArray(after)) return null;
  const [was, is] = [before ?? [], after ?? []] as [unknown[], unknown[]];
  if (!Array.isArray(was) || !Array.isArray(is)) return null;
  const key = (value: unknown): string => JSON.stringify(value);
  const [wasSet, isSet] = [new Set(was.map(key)), new Set(is.map(key))];
  return {
    added: is.filter((value) => !wasSet.has(key(value))),
    removed: was.filter((value) => !isSet.has(key(value))),
  };
}

/** A value as it is shown. Fields named `…_date`, `…_time` and the like are moments. */
export function written(field: string, value: unknown, time: (ms: number) => string): string {
  if (value === undefined || value === null || value === '') return '–';
  if (typeof value === 'number' && value > 1e11 && /(_date|_time|_start|_end|deadline)$/.test(field))
    return time(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
