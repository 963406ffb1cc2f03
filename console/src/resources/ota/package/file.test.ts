import { describe, expect, it } from 'vitest';
import { broken, LARGEST } from './file';

describe('a file that is to be a package', () => {
  it('has a name that every pile can read', () => {
    for (const name of ['actest107.bin', 'a-1.0+2_b.bin']) expect(broken({ name, size: 1 })).toBeNull();
    for (const name of ['程序.bin', 'a b', '.hidden', 'a..b', '-rf', 'a'.repeat(97)]) {
      expect(broken({ name, size: 1 })).toBe('name');
    }
  });

  it('is neither empty nor too large', () => {
    expect([broken({ name: 'a', size: 0 }), broken({ name: 'a', size: LARGEST + 1 })]).toEqual([
      'empty',
      'large',
    ]);
  });
});
