/** What follows from sending a command, line by line, before it is sent. Pure. */
import type { Counted } from '@/ground/pick/selection';

type Translate = (key: string, named?: Record<string, unknown>) => string;

/** Commands after which a pile may be gone for good, or in other hands: what they mean is typed. */
const GRAVE = ['更新主站', '更新ID', '关闭运维'];

interface Meant {
  command: string;
  dangerous: boolean;
  counted: Counted;
  timeout_s: number;
}

export function consequences(meant: Meant, t: Translate, te: (key: string) => boolean): string[] {
  const { command, counted } = meant;
  const own = `command.consequence.${command}`;
  const lines = [t('command.follows.piles', { n: counted.total })];
  if (te(own)) lines.push(t(own));
  if (meant.dangerous && counted.charging > 0)
    lines.push(t('command.follows.charging', { n: counted.charging }));
  const away = counted.offline + counted.unknown;
  if (away > 0) lines.push(t('command.follows.away', { n: away, s: meant.timeout_s }));
  return lines;
}

/** What is to be typed: the number of piles, or the uuid of the one; nothing for what does less harm. */
export function typed(meant: Meant, uuid?: string): string | undefined {
  if (!meant.dangerous) return undefined;
  if (meant.counted.total > 1) return String(meant.counted.total);
  return GRAVE.includes(meant.command) ? uuid || String(meant.counted.total) : undefined;
}
