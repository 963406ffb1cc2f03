import { expect, it } from 'vitest';
import { levelOf } from './level';

it.each([
  ['2026-11-21 21:58:41+0800 [错误] BMS: BRM报文接收超时', 'error'],
  ['2026-11-21 21:58:45+0800 [警告] 充电控制器: 枪头温度正常', 'warning'],
  ['2026-11-21 21:58:35+0800 [信息] 网络: 错误已恢复', ''],
  ['[2026-11-21 21:58:35] ERROR ftp: no answer', 'error'],
  ['11-21 21:58:35 [W] modem', 'warning'],
  ['BMS: BRM', ''],
  ['', ''],
])('tells how grave a line is: %s', (line, level) => {
  expect(levelOf(line)).toBe(level);
});
