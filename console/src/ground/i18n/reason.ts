/**
 * Reasons that the platform itself gives, in the reader's language. It writes them down in Chinese, often around what
 * a pile has said; what is not known here stays as it is.
 */
import { language } from './index';

/** Longer ones before those that they contain. */
const ENGLISH: [pattern: RegExp, english: string][] = [
  // Commands
  [/平台重启后无法读回此命令，请重新下发/, 'lost when the platform restarted, send it again'],
  [/平台重启后取不回命令中的密码 \(Redis\)，请重新下发/, 'its password was lost (Redis), send it again'],
  [/期限内未轮到下发/, 'not its turn before the deadline'],
  [/期限内桩未上线/, 'the pile was offline until the deadline'],
  [/期限内桩未应答/, 'the pile did not answer before the deadline'],
  [/桩已受理，期限内未报告完成/, 'accepted by the pile, not reported done before the deadline'],
  [/等待的命令过多: 同一桩至多等待 32 条，请待其结束或撤销后再发/, 'too many waiting: 32 per pile at most'],
  [/已撤销；命令已下发，桩可能仍会执行/, 'withdrawn after it was sent: the pile may still do it'],
  [/期限已过，下达服务没有回音，已撤销/, 'deadline passed without word from the service, withdrawn'],
  [/通信编号无效，未下达/, 'no valid uuid, not sent'],
  [/命令有误，未下达/, 'wrong command, not sent'],
  [/命令无法发出/, 'cannot be sent'],
  [/第 (\d+) 次下发/, 'sent the $1. time'],
  [/(结束之后的进度|结束之后的应答)/, 'said after the end'],
  [/迟到的应答/, 'answered late'],
  [/桩已受理/, 'accepted by the pile'],
  [/桩回答失败/, 'the pile says it failed'],
  [/(命令被拒绝|命令未被受理)/, 'refused'],
  [/(命令被撤销|已撤销)/, 'withdrawn'],
  [/批次已取消/, 'batch cancelled'],
  [/桩的资产已更换/, 'the pile has another asset now'],
  [/桩的资产已删除/, 'the asset was deleted'],
  [/上一次执行尚未结束，本次略过/, 'the run before had not ended, left out'],
  [/选桩条件有误/, 'wrong selection'],
  // Logs
  [/桩的通信编号或文件名有误/, 'wrong uuid or file name'],
  [/超过期限仍未开始召唤/, 'not begun before the deadline'],
  [/桩在期限内没有上传日志/, 'no log before the deadline'],
  [/未说明原因/, 'no reason given'],
  // Piles of a campaign
  [/任务回退，未曾更新/, 'rolled back before it was updated'],
  [/任务到期，未轮到/, 'the campaign ended before its turn'],
  [/任务回退/, 'campaign rolled back'],
  [/任务继续/, 'campaign resumed'],
  [/任务已中止/, 'campaign aborted'],
  [/任务到期/, 'the campaign’s time is up'],
  [/不在维护窗口内/, 'outside the maintenance windows'],
  [/同时升级的桩数已满/, 'enough piles at work'],
  [/已是回退版本/, 'has the former version already'],
  [/已是目标版本/, 'has the version already'],
  [/期限内未能下载/, 'no download before the deadline'],
  [/期限内未能更新/, 'no update before the deadline'],
  [/第(\d+)次下载/, 'download $1'],
  [/更新程序并重启无应答，以登录为准/, 'no answer to the update, its login decides'],
  [/更新程序并重启/, 'update and restart'],
  [/登录的软件版本仍为/, 'logged in, still with version '],
  [/更新后期限内未再登录/, 'no login after the update'],
  [/观察期内软件版本变为/, 'version while watched became '],
  [/观察期内无人充电/, 'nobody charged while it was watched'],
  [/期限内未完成/, 'not done before the deadline'],
  [/(?<=^|：)正在充电(?=$|；)/, 'charging'],
  [/(?<=^|：)离线(?=$|；)/, 'offline'],
  [/^下载(?=：)/, 'download'],
  // Campaigns and their rail
  [/回退完毕/, 'rolled back'],
  [/全部阶段完成/, 'all stages done'],
  [/观察期及等待期内数据不足，无法判断/, 'not enough data to judge by'],
  [/启动次数 升级桩(.+?)、对照桩(.+?)，各需(\d+)/, 'starts: updated $1, control $2, $3 needed each'],
  [
    /失败预算用尽：已开始各阶段共(\d+)桩，(\d+)桩失败或超时，预算(\d+)%/,
    'failure budget spent: of $1 piles begun, $2 failed or timed out, budget $3%',
  ],
  [/尚未检验/, 'not looked at yet'],
  [/尚无可比较的数据/, 'nothing to compare yet'],
  [/金丝雀升级完毕，观察期开始/, 'canary updated, the watch begins'],
  [/第(\d+)阶段升级完毕，观察期开始/, 'stage $1 updated, the watch begins'],
  [/金丝雀开始/, 'canary begins'],
  [/第(\d+)阶段开始/, 'stage $1 begins'],
  [/^(\S+)启动$/, 'started by $1'],
  [/^(\S+)暂停$/, 'paused by $1'],
  [/^(\S+)继续$/, 'resumed by $1'],
  [/^(\S+)中止$/, 'aborted by $1'],
  [/^(\S+)回退$/, 'rolled back by $1'],
  [/启动失败率(?=：)/, 'failed starts'],
  [/离线时间(?=：)/, 'offline time'],
  [/告警(?=：)/, 'warnings'],
  [/SIM流量(?=：)/, 'SIM traffic'],
  [/升级桩/, 'updated '],
  [/对照桩/, 'control '],
  [/([\d.]+)次\/桩时/, '$1 per pile-hour'],
  [/(\d+)字节\/桩日/, '$1 bytes per pile-day'],
  [/，(\d+)桩）/, ', $1 piles)'],
  [/，界限/, ', bound '],
  // Registration
  [/型号和合同不在注册白名单/, 'model and contract are not on the allow-list'],
  [/型号和合同在注册白名单/, 'model and contract are on the allow-list'],
  [/uuid重复：与(.+?)同用/, 'uuid taken twice: with $1, '],
];
const EVERYWHERE = ENGLISH.map(([pattern, words]) => [new RegExp(pattern, 'g'), words] as const);
/** Between what is known and what is not. */
const STOPS: Record<string, string> = { '，': ', ', '：': ': ', '；': '; ', '（': ' (', '）': ')' };

/** In English as far as it is known. */
export function english(reason: string): string {
  const known = EVERYWHERE.reduce((text, [pattern, words]) => text.replace(pattern, words), reason);
  return known === reason
    ? reason
    : known.replace(/[，：；（）]/g, (stop) => STOPS[stop]!).replace(/ {2,}/g, ' ');
}

/** The reason in the reader's language; empty stays empty. */
export function because(reason: string | null | undefined): string {
  if (!reason) return '';
  return language() === 'en' ? english(reason) : reason;
}
