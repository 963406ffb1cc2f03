import { describe, expect, it } from 'vitest';
import type { Figure } from '../queries';
import { byMeasure, halting, lookOf, probability, rated, ratio, told } from './figures';

const row = (measure: string, look: number, updated_events: number): Figure => ({
  campaign_id: 1,
  stage: 0,
  measure,
  look,
  look_time: look * 1000,
  since: 0,
  updated_piles: 5,
  updated_events,
  updated_exposure: 100,
  control_piles: 10,
  control_events: 6,
  control_exposure: 200,
  excess: 1,
  p_value: 0.5,
  bound: 0.001,
  verdict: 'fine',
});

describe('the figures of the safety rail', () => {
  it('are told apart by measure, with the rates of both sides', () => {
    const found = byMeasure([row('offline', 1, 3), row('boot_failures', 1, 9), row('offline', 2, 4)]);
    expect(found.map(({ measure, looks }) => [measure, looks.length])).toEqual([
      ['boot_failures', 1],
      ['offline', 2],
      ['warnings', 0],
      ['traffic', 0],
    ]);
    const look = found[0]!.looks[0]!;
    expect([look.updated.rate, look.control.rate]).toEqual([0.09, 0.03]);
    expect(ratio(look)).toBeCloseTo(3);
  });

  it('are read from a halted campaign, and from no other', () => {
    const side = { piles: 5, events: 9, exposure: 100, rate: 0.09 };
    const figures = [
      { measure: 'offline', updated: side, control: side, p_value: 1e-5, bound: 1e-3, excess: 3 },
    ];
    expect(halting(figures)[0]).toMatchObject({ measure: 'offline', p: 1e-5, verdict: 'worse' });
    expect([halting(null), halting({}), halting(['x', 3])]).toEqual([[], [], []]);
  });

  it('are written in the unit of their measure', () => {
    expect([rated('boot_failures', 0.09), rated('warnings', 0.5), rated('traffic', 2048)]).toEqual([
      '9.00%',
      '0.500',
      '2.0 KB',
    ]);
    expect([0, 1, 0.25, 0.0042, 0.00004, 3e-7].map(probability)).toEqual([
      '0',
      '1',
      '0.25',
      '0.0042',
      '0.00004',
      '<0.00001',
    ]);
  });

  it('are told in one line', () => {
    const t = (key: string, named?: Record<string, unknown>): string =>
      [key, ...Object.values(named ?? {})].join(' ');
    const look = lookOf({ ...row('boot_failures', 1, 9), p_value: 3e-7 });
    expect(told(look, t)).toBe('ota.lookTold ota.measure.boot_failures 9.00% 3.00% <0.00001');
    expect(told({ ...look, p: 0.25 }, t)).toContain(' =0.25');
  });
});
