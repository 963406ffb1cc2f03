import { describe, expect, it } from 'vitest';
import { widths } from './progress';

const of = (...counts: number[]): number[] => widths(counts.map((count) => ({ count })));

describe('the widths of a bar', () => {
  it('are the shares', () => {
    expect(of(1, 3)).toEqual([25, 75]);
  });

  it('show what is rare, leave out what is not, and fill the bar', () => {
    const [many, few, none] = of(99_999, 1, 0);
    expect(few).toBeGreaterThan(0.5);
    expect(none).toBe(0);
    expect(many! + few!).toBeCloseTo(100);
  });

  it('are none where nothing is counted', () => {
    expect(of(0, 0)).toEqual([0, 0]);
  });
});
