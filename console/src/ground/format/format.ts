/** How figures and times are written. Pure: the language comes from the caller's `t`. */

type Translate = (key: string, named?: Record<string, unknown>) => string;

const two = (n: number): string => String(n).padStart(2, '0');

/** `2026-03-01 08:05:09` in the reader's zone; `–` for 0. */
export function time(ms: number | null | undefined): string {
  if (!ms) return '–';
  const d = new Date(ms);
  return `${day(ms)} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

/** `2026-03-01`; `–` for 0. */
export function day(ms: number | null | undefined): string {
  if (!ms) return '–';
  const d = new Date(ms);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

/** How long ago, in the largest unit. */
export function ago(ms: number | null | undefined, now: number, t: Translate): string {
  if (!ms) return t('time.never');
  const s = Math.max(0, Math.round((now - ms) / 1000));
  if (s < 5) return t('time.justNow');
  const units: [number, string][] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'm'],
    [1, 's'],
  ];
  const [size, unit] = units.find(([size]) => s >= size) ?? [1, 's'];
  return t('time.ago', { t: t(`time.${unit}`, { n: Math.floor(s / size) }) });
}

/** A figure with so many decimals and thousands apart; `–` if there is none. */
export function figure(value: number | null | undefined, decimals = 0): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  // Not toLocaleString: its first call takes longer than all else that the first page draws.
  const [whole = '', part] = value.toFixed(decimals).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return part ? `${grouped}.${part}` : grouped;
}

/** Bytes in the largest unit of 1024. */
export function bytes(value: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  return `${figure(value / 1024 ** power, power && 1)} ${units[power]}`;
}

/** Minutes as `1:05`. */
export function minutes(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return `${Math.floor(value / 60)}:${two(value % 60)}`;
}
