import { expect, it } from 'vitest';
import { arrived } from './states';

it('tells how far a log is, as far as the pile has said how long it is', () => {
  expect(arrived({ state: 'uploading', bytes: 300, collected_bytes: 100 })).toBe(33);
  expect(arrived({ state: 'uploading', bytes: 100, collected_bytes: 300 })).toBe(100);
  expect(arrived({ state: 'uploading', bytes: 0, collected_bytes: 300 })).toBeNull();
  expect(arrived({ state: 'collected', bytes: 0, collected_bytes: 0 })).toBe(100);
});
