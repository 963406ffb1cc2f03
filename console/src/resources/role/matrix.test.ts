import { describe, expect, it } from 'vitest';
import { gives, matrix, toggled } from './matrix';

describe('the matrix of permissions', () => {
  const all = ['asset:read', 'asset:write', 'role:admin', 'role:read', 'trade_record:amount'];

  it('has a row per resource and a column per action', () => {
    const found = matrix(all, ['*:read', 'old:thing']);
    expect(found.actions[0]).toBe('read');
    expect(found.rows.map(({ resource }) => resource)).toEqual(['asset', 'old', 'role', 'trade_record']);
    expect([...found.rows[0]!.actions]).toEqual(['read', 'write']);
  });

  it('knows what a pattern gives', () => {
    expect(gives(['*:read'], 'asset:read')).toBe(true);
    expect(gives(['*:read'], 'asset:write')).toBe(false);
    expect(gives(['*:read'], '*:*')).toBe(false);
    expect(gives(['asset:read'], 'asset:read', true)).toBe(false);
  });

  it('adds and removes', () => {
    expect(toggled(['b:read'], 'a:read', true)).toEqual(['a:read', 'b:read']);
    expect(toggled(['a:read', 'b:read'], 'a:read', false)).toEqual(['b:read']);
  });
});
