import { expect, it } from 'vitest';
import { squareOf } from './square';

it('makes squares as large as the room allows', () => {
  expect(squareOf(10, 1300, 300)).toBe(44);
  const side = squareOf(500, 1300, 300);
  expect(Math.floor(1303 / (side + 3)) * Math.floor(303 / (side + 3))).toBeGreaterThanOrEqual(500);
  expect(Math.floor(1303 / (side + 4)) * Math.floor(303 / (side + 4))).toBeLessThan(500);
  expect(squareOf(4000, 1300, 300)).toBeGreaterThanOrEqual(8);
  expect(squareOf(4000, 0, 0)).toBe(8);
});
