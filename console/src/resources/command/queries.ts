/** What the pages of commands ask for. */
import { onScopeDispose, ref } from 'vue';
import { useQuery } from '@pinia/colada';
import { useIntervalFn } from '@vueuse/core';
import { ApiError, read } from '@/api/client';
import type { Schemas } from '@/api/types';
import { useEvents } from '@/ground/live/events';
import { isOver, standing } from './states';

/** Which command: by its id, or as the list names one that was published by hand. */
export interface Which {
  device_id: number;
  command_id?: string;
  created_time?: number;
  reqid?: number;
}

/** A command that was just sent is on record a moment later, ms. */
const PATIENCE = 30_000;
/** After which it usually is, ms. */
const ON_RECORD = 1_500;

/** A row of a list as the API wants it named. */
export function whichOf(row: {
  device_id: number;
  command_id: string;
  created_time?: number;
  reqid?: number;
}): Which {
  const { device_id, command_id, created_time, reqid } = row;
  return command_id ? { device_id, command_id } : { device_id, created_time, reqid };
}

/** One command, followed by events, and by asking again until it is over. */
export function useCommand(which: Which, fresh = false) {
  const begun = Date.now();
  /** Of what was sent just now, events tell first. */
  const asking = ref(!fresh);
  const timer = setTimeout(() => (asking.value = true), ON_RECORD);
  onScopeDispose(() => clearTimeout(timer));
  const events = ref<Schemas['CommandStepped'][]>([]);
  const detail = useQuery({
    key: () => ['command/detail', JSON.stringify(which)],
    query: async () => {
      try {
        return await read('/command/detail', { ...which });
      } catch (error) {
        const early = error instanceof ApiError && error.status === 404 && Date.now() - begun < PATIENCE;
        if (!early) throw error;
        return null;
      }
    },
    enabled: () => asking.value,
    staleTime: 0,
  });
  const refetch = (): void => {
    if (asking.value) void detail.refetch();
  };
  const state = (): string | undefined => standing(detail.data.value?.command, events.value);
  const onRecord = (): boolean => isOver(detail.data.value?.command.state ?? 'queued');
  useIntervalFn(() => {
    if (!onRecord()) refetch();
  }, 1_500);
  useEvents(
    () => `/command/events?device_id=${which.device_id}`,
    (name, data) => {
      const event = data as Schemas['CommandStepped'];
      if (name === 'step' && event.command_id && event.command_id === which.command_id) {
        events.value = [...events.value, event];
        refetch();
      }
    },
  );
  return { detail, events, state };
}

export function useBatch(batch_id: () => number) {
  const batch = useQuery({
    key: () => ['command/batch/detail', batch_id()],
    query: () => read('/command/batch/detail', { batch_id: batch_id() }),
    staleTime: 0,
  });
  // Events come by the hundred: what they change is read at most once a second.
  const changed = ref(0);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const refresh = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      changed.value += 1;
      void batch.refetch();
    }, 1_000);
  };
  onScopeDispose(() => clearTimeout(timer));
  useIntervalFn(() => {
    if (!isOver(batch.data.value?.state ?? 'running')) refresh();
  }, 4_000);
  useEvents(
    () => `/command/events?batch_id=${batch_id()}`,
    (name) => {
      if (name === 'step' || name === 'lagged') refresh();
    },
  );
  return { batch, changed };
}
