import { describe, expect, it } from 'vitest';
import { consequences, typed } from './consequences';

const counted = { total: 5, charging: 2, idle: 1, fault: 0, offline: 1, unknown: 1 };
const t = (key: string, named?: Record<string, unknown>): string =>
  `${key}${Object.values(named ?? {}).join()}`;

describe('what follows from a command', () => {
  it('names how many charge and how many are away', () => {
    const meant = { command: '重启', dangerous: true, counted, timeout_s: 300 };
    expect(consequences(meant, t, (key) => key === 'command.consequence.重启')).toEqual([
      'command.follows.piles5',
      'command.consequence.重启',
      'command.follows.charging2',
      'command.follows.away2,300',
    ]);
  });

  it('does not speak of charging where nothing is cut off', () => {
    const meant = { command: '对时', dangerous: false, counted, timeout_s: 60 };
    expect(consequences(meant, t, () => false)).toEqual([
      'command.follows.piles5',
      'command.follows.away2,60',
    ]);
  });

  it('is typed where it is grave', () => {
    const one = { ...counted, total: 1 };
    const meant = (command: string, counted: typeof one, dangerous = true) => ({
      command,
      dangerous,
      counted,
      timeout_s: 1,
    });
    expect(typed(meant('重启', counted))).toBe('5');
    expect(typed(meant('重启', one), 'AAAAAAAB')).toBeUndefined();
    expect(typed(meant('更新ID', one), 'AAAAAAAB')).toBe('AAAAAAAB');
    expect(typed(meant('对时', counted, false))).toBeUndefined();
  });
});
