/** What the pages of schedules ask for. */
import { computed, type Ref } from 'vue';
import { refDebounced } from '@vueuse/core';
import { useQuery } from '@pinia/colada';
import { read } from '@/api/client';
import type { Schedule } from './form';

/** One of the schedules that one sees: there are few; undefined if it is not there. */
export async function schedule(schedule_id: number): Promise<Schedule | undefined> {
  const { items } = await read('/schedule/list', { page: 1, page_size: 500 });
  return items.find((one) => one.schedule_id === schedule_id);
}

export function useSchedule(schedule_id: () => number) {
  return useQuery({
    key: () => ['schedule/one', schedule_id()],
    query: async () => (await schedule(schedule_id())) ?? null,
    staleTime: 0,
  });
}

/** The next five times of an expression, while it is typed. */
export function useUpcoming(cron: Ref<string>) {
  const asked = refDebounced(
    computed(() => cron.value.trim()),
    400,
  );
  return useQuery({
    key: () => ['schedule/preview', asked.value],
    query: () => read('/schedule/preview', { cron: asked.value, count: 5 }),
    enabled: () => asked.value !== '' && asked.value.length <= 100,
    staleTime: 30_000,
  });
}
