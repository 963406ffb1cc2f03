import { expect, it } from 'vitest';
import { changes } from './history';

it('shows the fields that differ', () => {
  const before = { sn: 'S1', state: '待审核', uuid: '', timestamp: 1, allowed: ['approve'] };
  const after = { sn: 'S1', state: '已注册', uuid: 'AAAAAAAB', timestamp: 2, allowed: [] };
  expect(changes(JSON.stringify(before), JSON.stringify(after))).toEqual([
    { key: 'state', before: '待审核', after: '已注册' },
    { key: 'uuid', before: '', after: 'AAAAAAAB' },
  ]);
});

it('takes nothing amiss', () => {
  expect(changes('', 'no json')).toEqual([]);
  expect(changes('{"old":[{"sn":"A"}]}', '{"old":[{"sn":"B"}]}')).toEqual([
    { key: 'old', before: 'A', after: 'B' },
  ]);
});
