import { expect, it } from 'vitest';
import { LEAST_P, lines } from './chart';
import type { Look } from './figures';

const look = (at: number, updated: number, control: number, p: number, verdict: string): Look => ({
  measure: 'offline',
  look: at,
  at,
  updated: { piles: 1, events: 0, exposure: 1, rate: updated },
  control: { piles: 1, events: 0, exposure: 1, rate: control },
  p,
  bound: 0.01,
  verdict,
});

it('draws what could be compared, the limit above the control group, and no p-value of nothing', () => {
  const drawn = lines([look(1, 0, 0, 1, 'no_data'), look(2, 0.3, 0.1, 0, 'worse')], 25);
  expect(drawn.updated).toEqual([[2, 0.3]]);
  expect(drawn.limit).toEqual([[2, 0.125]]);
  expect(drawn.p).toEqual([[2, LEAST_P]]);
});
