/** Words that piles say and that are always the same, in the reader's language. What else they say stays as it is. */
import { language } from './index';

const ENGLISH: Record<string, string> = {
  // 工作状态
  空闲: 'Idle',
  启动中: 'Starting',
  充电: 'Charging',
  充电中: 'Charging',
  充电完成: 'Charged',
  启动失败: 'Start failed',
  停止中: 'Stopping',
  故障: 'Faulty',
  离线: 'Offline',
  // 连接状态
  未插枪: 'not plugged in',
  半连接: 'half plugged in',
  已插枪: 'plugged in',
  // 责任方
  车辆原因: 'Vehicle',
  充电桩原因: 'Pile',
  人为原因: 'Person',
  业务原因: 'Business',
  // 充电方式
  扫码: 'QR code',
  刷卡: 'Card',
  密码: 'Password',
  即插即充: 'Plug & charge',
  // 审核状态
  待接入: 'Not let in yet',
  待审核: 'To be audited',
  已审核: 'Audited',
  // 文件类型
  程序包: 'Program',
  配置文件: 'Configuration',
};

/** The word in the reader's language, if it is a known one. */
export function said(word: string | null | undefined): string {
  if (!word) return '';
  return language() === 'en' ? (ENGLISH[word] ?? word) : word;
}
