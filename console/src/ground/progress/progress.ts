/** What a state means to its reader, hence its colour; and how wide its share is drawn. */

/** Not begun, at work, gone well, needs a look, gone wrong, left out. */
export type Tone = 'wait' | 'busy' | 'good' | 'warn' | 'bad' | 'off';

/** So many are in a state. */
export interface Part {
  /** The state's word, also what is emitted when it is picked. */
  key: string;
  /** The state in the reader's language. */
  label: string;
  count: number;
  tone: Tone;
}

/** One step of a timeline. */
export interface Step {
  key: string | number;
  /** When, Unix ms; 0 or null = not yet. */
  at: number | null;
  title: string;
  tone: Tone;
  /** Why, or with what. */
  text?: string;
  /** Who. */
  by?: string;
}

const COLOURS: Record<Tone, string> = {
  wait: 'line',
  busy: 'idle',
  good: 'charging',
  warn: 'other',
  bad: 'fault',
  off: 'offline',
};

/** The name of the tone's colour among the tokens. */
export function colourOf(tone: Tone): string {
  return COLOURS[tone];
}

/** What is there is seen, however small its share, percent. */
const LEAST = 0.8;

/** The widths of the parts in percent of the bar, 100 in all; what has none gets none. */
export function widths(parts: readonly Pick<Part, 'count'>[]): number[] {
  const total = parts.reduce((sum, part) => sum + part.count, 0);
  if (total === 0) return parts.map(() => 0);
  const raised = parts.map(({ count }) => (count > 0 ? Math.max(LEAST, (count * 100) / total) : 0));
  const sum = raised.reduce((a, b) => a + b, 0);
  return raised.map((width) => (width * 100) / sum);
}
