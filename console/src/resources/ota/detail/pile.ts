/** What a pile has been through in a campaign, as steps. */
import { because } from '@/ground/i18n/reason';
import type { Step } from '@/ground/progress/progress';
import type { Schemas } from '@/api/types';
import { pileTone } from '../states';

type Pile = Pick<
  Schemas['CampaignPile'],
  | 'state'
  | 'reason'
  | 'state_since'
  | 'attempt'
  | 'download_time'
  | 'downloaded_time'
  | 'update_time'
  | 'login_time'
  | 'charge_time'
  | 'seen_version'
>;
type Translate = (key: string, named?: Record<string, unknown>) => string;

/** The steps that it has taken, in their order, and last the state in which it is. */
export function steps(pile: Pile, t: Translate): Step[] {
  const taken: [string, number, string?][] = [
    ['download', pile.download_time, pile.attempt > 1 ? t('ota.attempt', { n: pile.attempt }) : undefined],
    ['downloaded', pile.downloaded_time],
    ['update', pile.update_time],
    ['login', pile.login_time, pile.seen_version],
    ['charge', pile.charge_time],
  ];
  const been: Step[] = taken
    .filter(([, at]) => at > 0)
    .sort(([, a], [, b]) => a - b)
    .map(([key, at, text]) => ({ key, at, title: t(`ota.pileStep.${key}`), tone: 'good', text }));
  const now: Step = {
    key: 'now',
    at: pile.state_since,
    title: t(`ota.pileState.${pile.state}`),
    tone: pileTone(pile.state),
    text: because(pile.reason),
  };
  return [...been, now];
}
