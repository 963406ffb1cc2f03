/** Cron expressions in words. */
import cronstrue from 'cronstrue';
import 'cronstrue/locales/zh_CN';

/** What an expression of five fields says; empty for what is none. */
export function inWords(cron: string | undefined, language: string): string {
  const text = cron?.trim() ?? '';
  if (text.split(/\s+/).length !== 5) return '';
  try {
    return cronstrue.toString(text, {
      locale: language === 'zh' ? 'zh_CN' : 'en',
      use24HourTimeFormat: true,
      verbose: true,
    });
  } catch {
    return '';
  }
}

/** A moment by the clock by which schedules run, whatever the reader's own: `2026-03-01 02:30`. */
export function inShanghai(ms: number): string {
  if (!ms) return '–';
  return new Date(ms + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
}

/** Expressions that people want most often. */
export const USUAL = ['30 2 * * *', '0 */6 * * *', '0 3 * * 1', '0 4 1 * *'];
