/** What an operation changed, from the JSON of its record. */

export interface Change {
  key: string;
  before: string;
  after: string;
}

/** Fields that change with everything, or follow from another. */
const NOT_SHOWN = ['timestamp', 'allowed', 'decided_by', 'has_password', 'credential_time'];

function read(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text || '{}');
    return value && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

const written = (value: unknown): string =>
  value === undefined || value === null
    ? ''
    : Array.isArray(value)
      ? value.map((row) => (row as { sn?: string }).sn ?? JSON.stringify(row)).join(' ')
      : typeof value === 'object'
        ? ((value as { sn?: string }).sn ?? JSON.stringify(value))
        : String(value);

/** The fields that differ, in the order of what was there before. */
export function changes(before: string, after: string): Change[] {
  const [was, is] = [read(before), read(after)];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((key) => !NOT_SHOWN.includes(key))
    .map((key) => ({ key, before: written(was[key]), after: written(is[key]) }))
    .filter((change) => change.before !== change.after);
}
