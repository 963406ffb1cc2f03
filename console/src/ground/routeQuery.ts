/** A value that stands in the address: a link shows the same tab. */
import { computed, type WritableComputedRef } from 'vue';
import { useRoute, useRouter } from 'vue-router';

export function useRouteQuery(key: string, standard: string): WritableComputedRef<string> {
  const route = useRoute();
  const router = useRouter();
  return computed({
    get: () => String(route.query[key] ?? standard),
    set: (value) =>
      void router.replace({ query: { ...route.query, [key]: value === standard ? undefined : value } }),
  });
}
