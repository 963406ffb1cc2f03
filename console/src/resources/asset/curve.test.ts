import { describe, expect, it } from 'vitest';
import { power } from './curve';

describe('the power of a gun', () => {
  it('takes the newest voltage for each current', () => {
    const gun = {
      voltage: [
        [0, 400],
        [20, 500],
      ],
      current: [
        [10, 100],
        [20, 100],
        [30, 0],
      ],
    };
    expect(power(gun)).toEqual([
      [10, 40],
      [20, 50],
      [30, 0],
    ]);
  });

  it('is unknown before there is a voltage', () => {
    expect(
      power({
        voltage: [[20, 400]],
        current: [
          [10, 5],
          [20, 5],
        ],
      }),
    ).toEqual([[20, 2]]);
  });
});
