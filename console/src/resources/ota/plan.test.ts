import { describe, expect, it } from 'vitest';
import { dangers, faults, sizes, standard, whole } from './plan';

describe('the plan of a campaign', () => {
  it('draws groups as large as the connector does', () => {
    expect(sizes(standard(), 1000)).toEqual({ control: 100, stages: [50, 130, 270, 450] });
    // The canary is at most half of what is updated, the control group at most half of all.
    expect(sizes(standard(), 40)).toEqual({ control: 4, stages: [18, 0, 0, 18] });
    expect(sizes({ ...standard(), control_percent: 90 }, 7).control).toBe(3);
    const alone = { ...standard(), stages: [], control_percent: 0 };
    expect(sizes(alone, 7)).toEqual({ control: 0, stages: [7] });
    expect(sizes(standard(), 0)).toEqual({ control: 0, stages: [0, 0, 0, 0] });
  });

  it('is right as it is by default', () => {
    expect(faults(standard())).toEqual([]);
  });

  it('names what is wrong as the server does', () => {
    const plan = standard();
    plan.stages = [
      { percent: 50, soak_s: 1 },
      { percent: 40, soak_s: 1 },
    ];
    plan.control_percent = 0;
    plan.windows = [{ days: [], from: '08:00', to: '08:00' }];
    expect(faults(plan).map(({ field }) => field)).toEqual([
      'plan.control_percent',
      'plan.stages[1].percent',
      'plan.windows[0]',
    ]);
  });

  it('says what is dangerous', () => {
    expect(
      dangers({ ...standard(), windows: [{ days: [], from: '23:00', to: '05:00' }] }, 1000, true),
    ).toEqual([]);
    const bold = { ...standard(), allow_while_charging: true, stages: [] };
    bold.rail.enabled = false;
    expect(dangers(bold, 1000, false)).toEqual([
      'noWayBack',
      'noRail',
      'whileCharging',
      'anyTime',
      'bigCanary',
    ]);
  });

  it('has every field of what the server shows', () => {
    const shown = whole({ canary_count: 3, rail: { enabled: false }, windows: [{ from: '1', to: '2' }] });
    expect([shown.canary_count, shown.rail.enabled, shown.rail.slot_s, shown.windows[0]?.days]).toEqual([
      3,
      false,
      3600,
      [],
    ]);
  });
});
