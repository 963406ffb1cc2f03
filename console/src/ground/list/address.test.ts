import { describe, expect, it } from 'vitest';
import { fromAddress, toAddress } from './address';

describe('the address of a list', () => {
  it('comes back as it went', () => {
    const asked = { words: '东 区', sta_id: 7, page: 3, page_size: 50, sort: '-timestamp' };
    const query = toAddress(asked) as Record<string, string>;
    expect(fromAddress(query, ['sta_id', 'page', 'page_size'])).toEqual(asked);
  });

  it('leaves out what is empty and what is the default', () => {
    expect(toAddress({ words: '', model: undefined, page: 1, page_size: 20 })).toEqual({});
  });

  it('does not take a text for a number', () => {
    expect(fromAddress({ sta_id: '7 or 1=1', page: '-1' }, ['sta_id', 'page'])).toEqual({});
  });
});
