import { describe, expect, it } from 'vitest';
import { apply, cards, type Pile } from './monitor';

const gun = (n: number, state: string) => ({ gun: n, state, work_state: '', link_state: '', at: 1 });
const pile = (device_id: number, ...guns: ReturnType<typeof gun>[]): Pile =>
  ({
    device_id,
    uuid: `P${device_id}`,
    ass_name: '',
    sta_id: 1,
    state: guns.length ? '空闲' : '离线',
    live: guns.length ? { guns } : null,
  }) as never;

describe('the monitor', () => {
  it('shows a card for each gun, and one for a pile without', () => {
    const shown = cards([pile(1, gun(1, '充电'), gun(2, '空闲')), pile(2)]);
    expect(shown.map((c) => [c.key, c.state])).toEqual([
      ['1-1', 'charging'],
      ['1-2', 'idle'],
      ['2', 'offline'],
    ]);
  });

  it('replaces all with a snapshot, and only what has changed otherwise', () => {
    const piles = new Map([[9, pile(9)]]);
    apply(piles, 'snapshot', { at: 1, piles: [pile(1), pile(2)], gone: [] });
    apply(piles, 'change', { at: 2, piles: [pile(2, gun(1, '故障'))], gone: [1] });
    expect([...piles.keys()]).toEqual([2]);
    expect(cards(piles.values())[0]?.state).toBe('fault');
  });
});
