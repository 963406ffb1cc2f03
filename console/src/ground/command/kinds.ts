/** The commands that there are, as the API tells them, in the groups in which people look for them. */
import { useQuery } from '@pinia/colada';
import { read } from '@/api/client';
import type { Schemas } from '@/api/types';

export type Kind = Schemas['CommandKind'];
export type Field = Schemas['CommandField'];

export const GROUPS = ['ask', 'configure', 'control', 'maintain'] as const;
export type Group = (typeof GROUPS)[number];

const GROUP_OF: Record<string, Group> = {
  软件版本查询: 'ask',
  SIM卡召唤: 'ask',
  参数查询: 'ask',
  关键器件动作: 'ask',
  参数配置: 'configure',
  对时: 'configure',
  更新主站: 'configure',
  更新ID: 'configure',
  桩启用: 'control',
  桩禁用: 'control',
  开启运维: 'control',
  关闭运维: 'control',
  重启: 'control',
};

/** What a command is called in the reader's language; one that is not ours by its own word. */
export function called(command: string, t: (key: string) => string, te: (key: string) => boolean): string {
  const key = `commands.called.${command}`;
  return te(key) ? t(key) : command;
}

/** Every command that has a name here, for filters. */
export const COMMANDS = [...Object.keys(GROUP_OF), '无感自愈', '更新程序并重启', '下载', '日志召唤'];

/** Kinds by group, in the API's order; one that nobody has sorted is under the last. */
export function grouped(kinds: Kind[]): { group: Group; kinds: Kind[] }[] {
  return GROUPS.map((group) => ({
    group,
    kinds: kinds.filter((kind) => (GROUP_OF[kind.command] ?? 'maintain') === group),
  })).filter((part) => part.kinds.length > 0);
}

export function useKinds() {
  return useQuery({ key: ['command/kinds'], query: () => read('/command/kinds'), staleTime: 60_000 });
}
