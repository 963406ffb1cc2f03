/** How many piles a choice means now, and what they are doing. */
import { computed, type Ref } from 'vue';
import { refDebounced } from '@vueuse/core';
import { useQuery } from '@pinia/colada';
import { change } from '@/api/client';
import type { Schemas } from '@/api/types';
import { isEmpty, type Selection, tidy } from './selection';

export function useCount(selection: Ref<Selection>) {
  const asked = refDebounced(
    computed(() => JSON.stringify(tidy(selection.value))),
    300,
  );
  const empty = computed(() => isEmpty(JSON.parse(asked.value) as Selection));
  const answer = useQuery({
    key: () => ['asset/count', asked.value],
    query: () => change('/asset/count', JSON.parse(asked.value) as Schemas['PileSelection']),
    enabled: () => !empty.value,
    staleTime: 5_000,
  });
  return { answer, empty };
}
