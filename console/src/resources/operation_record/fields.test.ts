import { describe, expect, it } from 'vitest';
import { fieldsOf, listChange, written } from './fields';

describe('what an operation changed', () => {
  it('is told field by field, what differs first, without the version', () => {
    const before = JSON.stringify({ a: 1, b: { c: 'x' }, timestamp: 1 });
    const after = JSON.stringify({ a: 1, b: { c: 'y' }, timestamp: 2 });
    expect(fieldsOf(before, after)).toEqual([
      { field: 'b.c', before: 'x', after: 'y', differs: true },
      { field: 'a', before: 1, after: 1, differs: false },
    ]);
  });

  it('knows what is new, what is gone, and what is no JSON', () => {
    expect(fieldsOf('', '{"a":1}')).toEqual([{ field: 'a', before: undefined, after: 1, differs: true }]);
    expect(fieldsOf('{"a":1}', '')[0]).toMatchObject({ before: 1, after: undefined });
    expect(fieldsOf('old', 'new')).toEqual([{ field: '', before: 'old', after: 'new', differs: true }]);
  });

  it('tells lists by what came and went', () => {
    expect(listChange([1, 2], [2, 3])).toEqual({ added: [3], removed: [1] });
    expect(listChange(undefined, [1])).toEqual({ added: [1], removed: [] });
    expect(listChange(1, 2)).toBeNull();
  });

  it('writes moments as such', () => {
    expect(written('guarantee_end', 1_735_660_800_000, (ms) => `t${ms}`)).toBe('t1735660800000');
    expect(written('sta_id', 1_735_660_800_000, String)).toBe('1735660800000');
    expect(written('x', '', String)).toBe('–');
  });
});
