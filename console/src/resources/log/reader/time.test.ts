import { describe, expect, it } from 'vitest';
import { seek, timeIn, typedTime } from './time';

describe('times in a log', () => {
  it('are read however they are written', () => {
    expect(timeIn('2026-11-21 08:05:09+0800 [信息] x')).toBe('2026-11-21 08:05:09');
    expect(timeIn('[2026/1/2 8:05:09.123] x')).toBe('2026-01-02 08:05:09');
    expect(timeIn('20261121080509 x')).toBe('2026-11-21 08:05:09');
    expect(timeIn('2026-11-21T08:05 x')).toBe('2026-11-21 08:05:00');
    expect([timeIn('no time'), timeIn('1234567890123456')]).toEqual([null, null]);
  });

  it('are taken as typed, with what was left out', () => {
    const near = '2026-11-20 23:00:00';
    expect(typedTime(' 2026-11-21  08:30 ', near)).toBe('2026-11-21 08:30:00');
    expect(typedTime('11-21 8:30', near)).toBe('2026-11-21 08:30:00');
    expect(typedTime('8:30:15', near)).toBe('2026-11-20 08:30:15');
    expect([typedTime('noon', near), typedTime('', near)]).toEqual([null, null]);
  });

  it('are found by halving, chunks without a time among them', async () => {
    const hour = (n: number): string => `2026-11-21 ${String(n).padStart(2, '0')}:00:00`;
    for (const gaps of [[], [3, 4, 5], [0], [9]]) {
      let asked = 0;
      const first = async (chunk: number): Promise<string | null> => {
        asked += 1;
        return gaps.includes(chunk) ? null : hour(chunk + 1);
      };
      for (let n = 0; n < 12; n += 1) {
        const timed = [...Array(10).keys()].filter((chunk) => !gaps.includes(chunk) && chunk + 1 <= n);
        expect(await seek(10, hour(n), first)).toBe(timed.at(-1) ?? 0);
      }
      expect(asked).toBeLessThan(12 * 10);
    }
  });
});
