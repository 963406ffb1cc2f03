/** Now, ms, renewed every so often while the component lives. */
import { type Ref, ref } from 'vue';
import { useIntervalFn } from '@vueuse/core';

export function useClock(every: number): Ref<number> {
  const now = ref(Date.now());
  useIntervalFn(() => (now.value = Date.now()), every);
  return now;
}
