import { describe, expect, it } from 'vitest';
import { isEmpty, tidy, uuidsOf } from './selection';

describe('a choice of piles', () => {
  it('keeps only what says something', () => {
    expect(
      tidy({ all: false, sta_ids: [], model: 'DC-120', contract_num: ' ', organization_id: null }),
    ).toEqual({
      model: 'DC-120',
    });
    expect(isEmpty({ uuids: [], model: '' })).toBe(true);
    expect(isEmpty({ all: true })).toBe(false);
  });

  it('reads uuids however they are pasted', () => {
    expect(uuidsOf('aaaaaaab, AAAAAAAC\n\nAAAAAAAB；AAAA')).toEqual({
      uuids: ['AAAAAAAB', 'AAAAAAAC'],
      wrong: ['AAAA'],
    });
    expect(uuidsOf('  ')).toEqual({ uuids: [], wrong: [] });
  });
});
