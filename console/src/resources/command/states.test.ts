import { describe, expect, it } from 'vitest';
import { isOver, parts, standing, timeline } from './states';

const step = (timestamp: number, state: string, reason = '') => ({
  timestamp,
  state,
  reason,
  attempt: 1,
  progress: 0,
  result: '',
});
const event = (time: number, state: string) => ({ time, state, progress: 0, result: '', reason: 'told' });

describe('a command', () => {
  it('has a timeline of what is on record and what was told since, each step once', () => {
    const steps = timeline(
      { steps: [step(1, 'queued'), step(2, 'sent', 'kept')] },
      [event(3, 'answered'), event(2, 'sent')],
      (s) => s,
    );
    expect(steps.map(({ at, title, text }) => [at, title, text])).toEqual([
      [1, 'queued', ''],
      [2, 'sent', 'kept'],
      [3, 'answered', 'told'],
    ]);
    expect(timeline(undefined, [], (s) => s)).toEqual([]);
  });

  it('stands where the newest word says, and what has ended stays so', () => {
    expect(standing(undefined, [])).toBeUndefined();
    expect(standing(undefined, [event(2, 'sent'), event(1, 'queued')])).toBe('sent');
    expect(standing({ state: 'queued', timestamp: 1 }, [event(2, 'sent')])).toBe('sent');
    expect(standing({ state: 'sent', timestamp: 2 }, [event(1, 'queued')])).toBe('sent');
    expect(standing({ state: 'timed_out', timestamp: 2 }, [event(3, 'answered')])).toBe('timed_out');
    expect(['queued', 'sent', 'running', 'paused'].some(isOver)).toBe(false);
    expect(['answered', 'refused', 'finished'].every(isOver)).toBe(true);
  });
});

it('tells how far a batch is in the order of states', () => {
  const progress = [
    { state: 'answered', piles: 3 },
    { state: 'waiting', piles: 2 },
  ];
  expect(
    parts(progress, (s) => s)
      .filter((part) => part.count)
      .map((part) => [part.key, part.count, part.tone]),
  ).toEqual([
    ['waiting', 2, 'wait'],
    ['answered', 3, 'good'],
  ]);
});
