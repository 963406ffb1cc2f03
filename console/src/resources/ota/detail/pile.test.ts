import { expect, it } from 'vitest';
import { steps } from './pile';

it('tells what a pile has been through, in order, and how it stands', () => {
  const pile = {
    state: 'failed',
    reason: '登录的软件版本仍为1.0',
    state_since: 50,
    attempt: 2,
    download_time: 10,
    downloaded_time: 20,
    update_time: 30,
    login_time: 0,
    charge_time: 0,
    seen_version: '1.0',
  };
  const told = steps(pile, (key, named) => key.replace('ota.', '') + (named ? ` ${named.n}` : ''));
  expect(told.map(({ title, at, tone, text }) => [title, at, tone, text])).toEqual([
    ['pileStep.download', 10, 'good', 'attempt 2'],
    ['pileStep.downloaded', 20, 'good', undefined],
    ['pileStep.update', 30, 'good', undefined],
    ['pileState.failed', 50, 'bad', '登录的软件版本仍为1.0'],
  ]);
});
