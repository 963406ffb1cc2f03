/** What is asked of a campaign: the question before it, and what became of it. */
import { ref } from 'vue';
import { useI18n } from 'vue-i18n';
import { ElMessage } from 'element-plus';
import { change, read } from '@/api/client';
import { confirm, type Question } from '@/ground/confirm/confirm';
import { figure } from '@/ground/format/format';
import { spelled } from '@/ground/form/duration';
import { dangers, type Plan, shortest, sizes, whole } from './plan';
import type { Campaign } from './queries';
import { type Ask } from './states';

type Translate = (key: string, named?: Record<string, unknown>) => string;

/** How long the page waits for the connector to carry a request out, ms, and how often it looks. */
const PATIENCE = 20_000;
const LOOK = 1_000;

interface Planned {
  name: string;
  version: string;
  rollback_package_id: number | null;
  rollback_version: string;
}

/** Names what starting means. The number of piles that get the package must be typed. */
export function startQuestion(of: Planned, piles: number, plan: Plan, t: Translate): Question {
  const { control, stages } = sizes(plan, piles);
  const updated = piles - control;
  return {
    title: t('ota.confirm.start', { name: of.name.trim() }),
    consequences: [
      t('ota.confirm.gets', { n: figure(updated), version: of.version, first: figure(stages[0]) }),
      control ? t('ota.confirm.control', { n: figure(control) }) : t('ota.confirm.noControl'),
      t('ota.confirm.takes', { t: spelled(shortest(plan), t), n: plan.stages.length + 1 }),
      ...(of.rollback_package_id ? [t('ota.confirm.wayBack', { version: of.rollback_version })] : []),
      ...dangers(plan, piles, Boolean(of.rollback_package_id)).map((word) => t(`ota.danger.${word}`)),
    ],
    danger: true,
    typed: String(updated),
    action: t('ota.ask.start'),
  };
}

/** How many piles are in one of these states. */
function count(campaign: Campaign, states: string[]): number {
  return campaign.progress
    .filter(({ state }) => states.includes(state))
    .reduce((sum, { piles }) => sum + piles, 0);
}

const AT_WORK = ['downloading', 'downloaded', 'updating', 'awaiting_login'];
const NOT_BEGUN = ['waiting', 'eligible'];
const UPDATED = ['soaking', 'succeeded', 'succeeded_uncharged', 'updating', 'awaiting_login'];

/** The question before a request. */
export function question(ask: Ask, campaign: Campaign, t: Translate): Question {
  if (ask === 'start') return startQuestion(campaign, campaign.total, whole(campaign.plan), t);
  const n = {
    work: figure(count(campaign, AT_WORK)),
    rest: figure(count(campaign, NOT_BEGUN)),
    updated: figure(count(campaign, UPDATED)),
    version: campaign.version,
    back: campaign.rollback_version,
  };
  const lines: Record<Exclude<Ask, 'start'>, string[]> = {
    pause: ['pauseRest', 'pauseWork', 'pauseClock'],
    resume: campaign.state === 'halted' ? ['resumeHalted', 'resumeForgives', 'resumeRest'] : ['resumeRest'],
    abort:
      campaign.state === 'rolling_back'
        ? ['abortBack', 'abortFinal']
        : ['abortRest', 'abortWork', 'abortFinal'],
    rollback: ['rollbackPiles', 'rollbackWindows', 'rollbackCharges', 'rollbackRest'],
  };
  const careful = ask === 'rollback' || (ask === 'resume' && campaign.state === 'halted');
  return {
    title: t(`ota.confirm.${ask}`, { name: campaign.name }),
    consequences: lines[ask].map((line) => t(`ota.confirm.${line}`, n)),
    danger: ask !== 'pause',
    action: t(`ota.ask.${ask}`),
    ...(careful ? { typed: ask === 'rollback' ? n.updated.replace(/,/g, '') : campaign.version } : {}),
  };
}

/** Asks the reader, then the campaign, and follows the request until the connector has carried it out or refused. */
export function useAsking(campaign: () => Campaign | undefined, changed: () => unknown) {
  const { t } = useI18n();
  const busy = ref<Ask | null>(null);

  async function ask(what: Ask): Promise<void> {
    const of = campaign();
    if (!of || busy.value || !(await confirm(question(what, of, t)))) return;
    busy.value = what;
    try {
      const { event_id } = await change(`/ota/campaign/${what}`, { campaign_id: of.campaign_id });
      await followed(of.campaign_id, event_id);
    } catch (error) {
      ElMessage.error((error as Error).message || t('state.offline'));
    } finally {
      busy.value = null;
      changed();
    }
  }

  async function followed(campaign_id: number, event_id: number): Promise<void> {
    const query = { campaign_id, kind: 'request', page: 1, page_size: 20 };
    for (const end = Date.now() + PATIENCE; Date.now() < end;) {
      const page = await read('/ota/campaign/events', query);
      const event = page.items.find((one) => one.event_id === event_id);
      if (event?.outcome === 'refused') return void ElMessage.error(event.text || t('ota.refused'));
      if (event?.outcome) return void ElMessage.success(t('ota.carriedOut'));
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
    ElMessage.warning(t('ota.notYet'));
  }

  return { busy, ask };
}
