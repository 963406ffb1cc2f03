/** An event of a campaign as a step of its timeline. */
import { because } from '@/ground/i18n/reason';
import type { Step, Tone } from '@/ground/progress/progress';
import type { Schemas } from '@/api/types';
import { campaignTone } from '../states';

type Event = Pick<
  Schemas['CampaignEvent'],
  'event_time' | 'kind' | 'action' | 'source' | 'outcome' | 'text'
> & {
  event_id?: number;
};
type Translate = (key: string, named?: Record<string, unknown>) => string;

const RAIL_TONES: Record<string, Tone> = { worse: 'bad', fine: 'good', no_data: 'wait' };

function toneOf({ kind, action, outcome }: Event): Tone {
  if (kind === 'state') return campaignTone(action);
  if (kind === 'rail') return RAIL_TONES[action] ?? 'wait';
  if (kind === 'request') return outcome === 'refused' ? 'bad' : outcome ? 'good' : 'wait';
  return kind === 'stage' ? 'busy' : 'off';
}

function titleOf({ kind, action, outcome }: Event, t: Translate): string {
  if (kind === 'state') return t('ota.event.state', { state: t(`ota.state.${action}`) });
  if (kind === 'rail') return t('ota.event.rail', { verdict: t(`ota.verdict.${action}`) });
  if (kind === 'request') {
    const became = t(`ota.outcome.${outcome || 'open'}`);
    return t('ota.event.request', { ask: t(`ota.ask.${action}`), became });
  }
  return kind === 'stage' ? t(`ota.event.${action}`) : t('ota.event.note');
}

export function stepOfEvent(event: Event, t: Translate, nth = 0): Step {
  return {
    key: event.event_id ?? nth,
    at: event.event_time,
    title: titleOf(event, t),
    tone: toneOf(event),
    text: because(event.text),
    by: event.source,
  };
}
