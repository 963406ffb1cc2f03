import { describe, expect, it } from 'vitest';
import { added, edited, fresh, lacks, stepOf } from './draft';

describe('a campaign that is being prepared', () => {
  it('says what it lacks, each on its step', () => {
    const draft = fresh();
    expect(lacks(draft, null).map(({ field }) => [field, stepOf(field)])).toEqual([
      ['name', 0],
      ['package_id', 0],
      ['selection', 1],
    ]);
    Object.assign(draft, { name: 'a', package_id: 7, selection: { all: true } });
    draft.plan.stages[0]!.percent = 90;
    expect(lacks(draft, 40).map(({ field }) => [field, stepOf(field)])).toEqual([
      ['plan.stages[1].percent', 2],
    ]);
    expect(lacks(draft, 0)[0]?.field).toBe('selection');
  });

  it('finds the step of whatever the server names', () => {
    expect(
      ['name', 'selection.uuids', 'plan.canary_count', 'plan.windows[0].days', 'plan.rail.slot_s'].map(
        stepOf,
      ),
    ).toEqual([0, 1, 2, 3, 4]);
  });

  it('leaves the piles of an edited draft alone unless others were chosen', () => {
    const draft = { ...fresh(), name: ' a ', package_id: 7, timestamp: 3, total: 20 };
    expect(edited(9, draft)).toMatchObject({
      campaign_id: 9,
      timestamp: 3,
      name: 'a',
      rollback_package_id: 0,
    });
    expect(edited(9, draft)).not.toHaveProperty('selection');
    draft.selection = { model: 'DC-120', uuids: [] };
    expect(edited(9, draft).selection).toEqual({ model: 'DC-120' });
    expect(added(draft)).not.toHaveProperty('rollback_package_id');
  });
});
