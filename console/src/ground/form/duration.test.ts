import { describe, expect, it } from 'vitest';
import { spelled, unitOf } from './duration';

describe('a span of time', () => {
  it('is written in the largest unit that is whole', () => {
    expect([unitOf(0), unitOf(59), unitOf(90 * 60), unitOf(7200), unitOf(3 * 86_400)]).toEqual([
      1, 1, 60, 3600, 86_400,
    ]);
  });

  it('is spelled short, however crooked', () => {
    const t = (key: string): string => key.replace('duration.', '');
    expect([spelled(30, t), spelled(5400, t), spelled(86_400, t), spelled(10_000, t)]).toEqual([
      '30 second',
      '90 minute',
      '1 day',
      '2.8 hour',
    ]);
  });
});
