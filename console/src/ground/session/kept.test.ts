import { beforeEach, expect, it } from 'vitest';
import { drop, keepFor, keptFor } from './kept';

beforeEach(() => sessionStorage.clear());

it('is there for the refresh token that it came with, until it is dropped', () => {
  keepFor('r1', { token: 'a1', ends: 5 });
  expect(keptFor('r1')).toEqual({ token: 'a1', ends: 5 });
  drop();
  expect(keptFor('r1')).toBeNull();
});

it('is not there for another refresh token, nor for none', () => {
  keepFor('r1', { token: 'a1', ends: 5 });
  expect(keptFor('r2')).toBeNull();
  expect(keptFor(null)).toBeNull();
});

it('is not there when what is stored is no token', () => {
  sessionStorage.setItem('ops.access_token', '{');
  expect(keptFor('r1')).toBeNull();
});
