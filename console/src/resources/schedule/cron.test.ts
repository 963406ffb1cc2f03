import { describe, expect, it } from 'vitest';
import { inShanghai, inWords, USUAL } from './cron';

describe('a cron expression', () => {
  it('is said in both languages', () => {
    expect(inWords('30 2 * * *', 'en')).toContain('02:30');
    expect(inWords('30 2 * * *', 'zh')).toContain('02:30');
    expect(inWords('0 3 * * 1', 'en')).toContain('Monday');
    for (const cron of USUAL) expect(inWords(cron, 'zh')).toMatch(/[\u4e00-\u9fff]/);
  });

  it('is said only if it is one, of five fields', () => {
    for (const none of ['', 'x', '61 * * * *', '0 0 2 * * *', '@daily']) expect(inWords(none, 'en')).toBe('');
  });

  it('runs by the clock of Shanghai', () => {
    expect(inShanghai(Date.UTC(2026, 2, 1, 18, 30))).toBe('2026-03-02 02:30');
    expect(inShanghai(0)).toBe('–');
  });
});
