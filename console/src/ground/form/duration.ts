/** Spans of time as people write them. */

export const UNITS = [
  { word: 'second', seconds: 1 },
  { word: 'minute', seconds: 60 },
  { word: 'hour', seconds: 3600 },
  { word: 'day', seconds: 86_400 },
] as const;

/** The largest unit that writes so many seconds as a whole number. */
export function unitOf(seconds: number): number {
  const fits = UNITS.filter((unit) => seconds >= unit.seconds && seconds % unit.seconds === 0);
  return fits.at(-1)?.seconds ?? 1;
}

/** `3 天`, `90 分钟`: in the largest unit that is whole, or in one with a decimal where none but seconds is. */
export function spelled(seconds: number, t: (key: string) => string): string {
  let unit = unitOf(seconds);
  if (unit === 1 && seconds >= 120) unit = seconds >= 7200 ? 3600 : 60;
  const word = UNITS.find((u) => u.seconds === unit)?.word ?? 'second';
  return `${Math.round((seconds / unit) * 10) / 10} ${t(`duration.${word}`)}`;
}
