/** Times as they stand in logs: read, compared as text, and sought by halving. They are the pile's own, of no zone. */

const DATED = /(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[ T_](\d{1,2}):(\d{2})(?::(\d{2}))?/;
const COMPACT = /(?:^|\D)(20\d{2})(\d{2})(\d{2})[ T_-]?(\d{2})(\d{2})(\d{2})(?!\d)/;

const two = (digits: string | undefined): string => (digits ?? '0').padStart(2, '0');

/** `2026-11-21 08:05:09` as it stands in a line; null if there is none. */
export function timeIn(line: string): string | null {
  // A time stands at the beginning of a line; further behind it is one of the things told.
  const head = line.slice(0, 80);
  const [, year, month, day, hour, minute, second] = DATED.exec(head) ?? COMPACT.exec(head) ?? [];
  if (!year) return null;
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
}

/** The first time in a text. */
export function firstTime(lines: string[]): string | null {
  for (const line of lines) {
    const time = timeIn(line);
    if (time) return time;
  }
  return null;
}

/** What somebody typed as a time; what he left out – the year, the day – is that of `near`. Null if it is none. */
export function typedTime(typed: string, near: string): string | null {
  const words = typed.trim().replace(/\s+/g, ' ');
  const whole = timeIn(words);
  if (whole) return whole;
  const [, , month, day, hour, minute, second] =
    /^((\d{1,2})[-/.](\d{1,2}) )?(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(words) ?? [];
  if (!hour) return null;
  const date = month ? `${near.slice(0, 4)}-${two(month)}-${two(day)}` : near.slice(0, 10);
  return `${date} ${two(hour)}:${two(minute)}:${two(second)}`;
}

/**
 * The last chunk whose first time is not after the one that is wanted, so that what happened then is in it or behind
 * it. `first` reads the first time in a chunk; chunks without one are passed over.
 */
export async function seek(
  chunks: number,
  wanted: string,
  first: (chunk: number) => Promise<string | null>,
): Promise<number> {
  let [low, high, best] = [0, chunks - 1, 0];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    let at = middle;
    let time = await first(at);
    while (time === null && at > low) time = await first((at -= 1));
    if (time !== null && time > wanted) {
      high = Math.max(low, at - 1);
    } else {
      low = middle;
      if (time !== null) best = at;
    }
  }
  return best;
}
