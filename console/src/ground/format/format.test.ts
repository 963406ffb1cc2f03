import { describe, expect, it } from 'vitest';
import { ago, bytes, figure, minutes, time } from './format';

const t = (key: string, named?: Record<string, unknown>): string =>
  `${key}${named ? JSON.stringify(named) : ''}`;

describe('figures and times', () => {
  it('says nothing where there is nothing', () => {
    expect([time(0), figure(null), minutes(undefined)]).toEqual(['–', '–', '–']);
  });

  it('takes the largest unit that fits', () => {
    const now = 1_000_000_000;
    expect(ago(now - 59_000, now, t)).toContain('time.s{\\"n\\":59}');
    expect(ago(now - 61_000, now, t)).toContain('time.m{\\"n\\":1}');
    expect(ago(now - 90_000_000, now, t)).toContain('time.d{\\"n\\":1}');
    expect(ago(now + 10_000, now, t)).toBe('time.justNow');
  });

  it('writes bytes in units of 1024', () => {
    expect([bytes(0), bytes(1023), bytes(1024), bytes(5 * 1024 ** 2)]).toEqual([
      '0 B',
      '1,023 B',
      '1.0 KB',
      '5.0 MB',
    ]);
  });

  it('writes minutes as hours and minutes', () => {
    expect([minutes(0), minutes(65), minutes(600)]).toEqual(['0:00', '1:05', '10:00']);
  });
});
