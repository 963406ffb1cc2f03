import { describe, expect, it } from 'vitest';
import { english } from './reason';

describe('reasons of the platform in English', () => {
  it.each([
    ['观察期内无人充电', 'nobody charged while it was watched'],
    ['期限内未能下载：离线', 'no download before the deadline: offline'],
    [
      '启动失败率：升级桩88.89%（16/18，8桩），对照桩3.33%（1/30，18桩），p=0.00017，界限0.00017；告警：升级桩0.2000次/桩时（1/5，9桩），对照桩0.0000次/桩时（0/9，31桩），p=1，界限0.000083',
      'failed starts: updated 88.89% (16/18, 8 piles), control 3.33% (1/30, 18 piles), p=0.00017, bound 0.00017; warnings: updated 0.2000 per pile-hour (1/5, 9 piles), control 0.0000 per pile-hour (0/9, 31 piles), p=1, bound 0.000083',
    ],
    [
      '失败预算用尽：已开始各阶段共9桩，6桩失败或超时，预算60%',
      'failure budget spent: of 9 piles begun, 6 failed or timed out, budget 60%',
    ],
    ['型号和合同不在注册白名单', 'model and contract are not on the allow-list'],
  ])('%s', (chinese, told) => expect(english(chinese)).toBe(told));

  it('leaves what a pile has said, and what it does not know', () => {
    expect(english('第2次下载：磁盘已满')).toBe('download 2: 磁盘已满');
    expect(english('现场处理过，请核对（王工）')).toBe('现场处理过，请核对（王工）');
    expect(english('')).toBe('');
  });
});
