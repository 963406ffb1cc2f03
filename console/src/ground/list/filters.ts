/** The filters of a list, as its page declares them. */
import type { Asked } from './address';

export interface Filter {
  key: string;
  kind: 'text' | 'select' | 'station' | 'span';
  /** Of a select: value, and the key of its text, or a name as it is. */
  options?: { value: string; text?: string; label?: string }[];
  width?: number;
}

/** The filters' keys that a span of time fills. */
export const SPAN = ['from', 'to'] as const;

/** The filters that are set, without what is no filter. */
export function set(asked: Asked): Asked {
  return Object.fromEntries(
    Object.entries(asked).filter(([key]) => !['page', 'page_size', 'sort'].includes(key)),
  );
}
