import { describe, expect, it } from 'vitest';
import { asks, parts } from './states';

describe('the states of a campaign', () => {
  it('say what may be asked', () => {
    const of = (state: string, rollback_package_id: number) => asks({ state, rollback_package_id });
    expect(of('halted', 5)).toEqual(['resume', 'rollback', 'abort']);
    expect(of('running', 0)).toEqual(['pause', 'abort']);
    expect(of('rolled_back', 5)).toEqual([]);
  });

  it('are counted in their order, a state of a newer server last', () => {
    const counts = [
      { state: 'new', piles: 1 },
      { state: 'failed', piles: 2 },
      { state: 'succeeded', piles: 3 },
      { state: 'failed', piles: 4 },
    ];
    expect(parts(counts, (state) => state).map(({ key, count }) => [key, count])).toEqual([
      ['succeeded', 3],
      ['failed', 6],
      ['new', 1],
    ]);
  });
});
