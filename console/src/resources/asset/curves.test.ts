import { expect, it } from 'vitest';
import { apart, held } from './curves';

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
  expect(
    apart([
      [1, 90],
      [2, 0],
      [3, 40],
    ]),
  ).toEqual([
    [1, 90],
    [2, null],
    [3, 40],
  ]);
});

it('holds the last value as long as is known', () => {
  const points = [
    [1, 60],
    [5, 0],
  ];
  expect(held(points, 9)).toEqual([...points, [9, 0]]);
  expect(held(points, 5)).toBe(points);
  expect(held([], 9)).toEqual([]);
});
