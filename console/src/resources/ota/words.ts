/** How stages and measures are called. */

type Translate = (key: string, named?: Record<string, unknown>) => string;

export const MEASURES = ['boot_failures', 'offline', 'warnings', 'traffic'] as const;
export type Measure = (typeof MEASURES)[number];

/** `金丝雀`, `第 1 阶段`. */
export function stageName(stage: number, t: Translate): string {
  return stage === 0 ? t('ota.canary') : t('ota.stage', { n: stage });
}
