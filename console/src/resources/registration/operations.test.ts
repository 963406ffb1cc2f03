import { describe, expect, it } from 'vitest';
import { inTurn, offered, permissionOf } from './operations';

describe('operations on registrations', () => {
  it('offers what the state allows, and a swap where there is a pile', () => {
    const waiting = { allowed: ['approve', 'refuse', 'swap'], device_id: 0 };
    expect(offered(waiting)).toEqual(['approve', 'refuse']);
    const serving = { allowed: ['change_uuid', 'disable', 'release', 'retire', 'swap'], device_id: 7 };
    expect(offered(serving)).toEqual(['disable', 'change_uuid', 'swap', 'release', 'retire']);
    expect(offered({ allowed: [], device_id: 7 })).toEqual([]);
  });

  it('asks for more where a uuid ends', () => {
    expect(permissionOf('approve')).toBe('registration:write');
    expect(permissionOf('release')).toBe('dangerous_registration:write');
  });

  it('goes on after one that is refused', async () => {
    const work = ({ sn }: { sn: string }): Promise<void> =>
      sn === 'b' ? Promise.reject(new Error('409')) : Promise.resolve();
    const outcome = await inTurn([{ sn: 'a' }, { sn: 'b' }, { sn: 'c' }], work, 'offline');
    expect(outcome).toEqual({ done: ['a', 'c'], failed: [['b', '409']] });
  });
});
