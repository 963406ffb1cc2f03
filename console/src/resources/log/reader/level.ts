/** How grave a line of a log says that it is, by the word that programs write for it near its beginning. */

/** What nobody looks for has none. */
export type Level = 'error' | 'warning' | '';

/** A level stands behind time and place; further on it is part of what is said. */
const HEAD = 64;
const ERROR = /错误|严重|致命|\b(?:ERROR|ERR|FATAL|CRITICAL|E)\b/;
const WARNING = /警告|告警|\b(?:WARNING|WARN|W)\b/;
/** Between brackets, or a word of its own in capitals. */
const MARK = /\[[^\]]{1,10}\]|\b[A-Z]{3,8}\b/g;

export function levelOf(line: string): Level {
  for (const [mark] of line.slice(0, HEAD).matchAll(MARK)) {
    if (ERROR.test(mark)) return 'error';
    if (WARNING.test(mark)) return 'warning';
  }
  return '';
}
