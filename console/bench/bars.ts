/** What was measured, each beside its bar. */

export interface Line {
  what: string;
  measured: string;
  bar: string;
  held: boolean;
}

/** The value below which such a share of the values lies; the values need not be sorted. */
export function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** `p50 120, p95 180, max 190 ms`. */
export function spread(values: number[]): string {
  const [p50, p95, max] = [0.5, 0.95, 1].map((share) => quantile(values, share).toFixed(0));
  return `p50 ${p50}, p95 ${p95}, max ${max} ms of ${values.length}`;
}

export function print(lines: Line[]): void {
  console.log('\n| what | bar | measured | held |\n| --- | --- | --- | --- |');
  for (const { what, bar, measured, held } of lines)
    console.log(`| ${what} | ${bar} | ${measured} | ${held ? 'yes' : 'NO'} |`);
}
