import { expect, it } from 'vitest';
import { apart } from './apart';

it('breaks the curve where another vehicle begins', () => {
  const points = [
    [1, 40],
    [2, 80],
    [3, 30],
    [4, 30],
  ];
  expect(apart(points)).toEqual([
    [1, 40],
    [2, 80],
    [3, null],
    [3, 30],
    [4, 30],
  ]);
  expect(apart([])).toEqual([]);
});
