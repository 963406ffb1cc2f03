/** What the pages of a campaign ask for. */
import { type MaybeRefOrGetter, toValue } from 'vue';
import { useQuery } from '@pinia/colada';
import { useIntervalFn } from '@vueuse/core';
import { type Data, read } from '@/api/client';
import type { Schemas } from '@/api/types';
import { isLive } from './states';

export type Campaign = Data<'/ota/campaign/detail', 'get'>;
export type Report = Data<'/ota/campaign/report', 'get'>;
export type Figure = Schemas['CampaignFigure'];
export type Package = Schemas['PackageItem'];

/** How often what goes on by itself is read again, ms. */
export const EVERY = 5_000;
/** Looks that are read for one stage: more than a stage has. */
const LOOKS = 500;

export function useCampaign(campaign_id: MaybeRefOrGetter<number>) {
  const answer = useQuery({
    key: () => ['ota/campaign', toValue(campaign_id)],
    query: () => read('/ota/campaign/detail', { campaign_id: toValue(campaign_id) }),
  });
  useIntervalFn(() => {
    const state = answer.data.value?.state;
    if (state && isLive(state)) void answer.refetch();
  }, EVERY);
  return answer;
}

export function useReport(campaign_id: MaybeRefOrGetter<number>) {
  return useQuery({
    key: () => ['ota/report', toValue(campaign_id)],
    query: () => read('/ota/campaign/report', { campaign_id: toValue(campaign_id) }),
  });
}

/** The looks at one stage, oldest first. */
export function useFigures(campaign_id: MaybeRefOrGetter<number>, stage: MaybeRefOrGetter<number>) {
  return useQuery({
    key: () => ['ota/figures', toValue(campaign_id), toValue(stage)],
    query: async () => {
      const query = { campaign_id: toValue(campaign_id), stage: toValue(stage) };
      const page = await read('/ota/campaign/figures', { ...query, page_size: LOOKS, sort: '-look_time' });
      return page.items.reverse();
    },
    placeholderData: (before) => before,
  });
}

/** The newest events, so many. */
export function useEvents(
  campaign_id: MaybeRefOrGetter<number>,
  kind: MaybeRefOrGetter<string>,
  count: MaybeRefOrGetter<number>,
) {
  return useQuery({
    key: () => ['ota/events', toValue(campaign_id), toValue(kind), toValue(count)],
    query: () => {
      const query = { campaign_id: toValue(campaign_id), page: 1, page_size: toValue(count) };
      return read('/ota/campaign/events', { ...query, ...(toValue(kind) ? { kind: toValue(kind) } : {}) });
    },
    placeholderData: (before) => before,
  });
}

/** Packages that can be rolled out, by words in their name, model or version. */
export async function findPackages(words: string): Promise<Package[]> {
  const query = { page: 1, page_size: 50, file_type: '程序包' };
  return (await read('/ota/firmware/list', { ...query, ...(words ? { words } : {}) })).items;
}

/** A package of a campaign; null if it has been deleted. There is no way to ask for one. */
export async function packageOf(package_id: number, version: string): Promise<Package | null> {
  const page = await read('/ota/firmware/list', { page: 1, page_size: 500, version });
  return page.items.find((item) => item.package_id === package_id) ?? null;
}
