/** What the first page asks for. */
import { defineQueryOptions, useQuery, useQueryCache } from '@pinia/colada';
import { read } from '@/api/client';

/** Stations that are shown: of a fleet of 5,000 all would be megabytes, every ten seconds. */
const MOST_STATIONS = 8;
/** Causes that are shown. */
const MOST_CAUSES = 8;
const DAY = 86_400_000;

const OVERVIEW = defineQueryOptions({
  key: ['station/overview', 'worst'],
  query: () => read('/station/overview', { top: MOST_STATIONS }),
  staleTime: 5_000,
});

export function useOverview() {
  return useQuery(OVERVIEW);
}

/** Asks for the figures before the page is there to show them. */
export function askAhead(): void {
  const queries = useQueryCache();
  // What fails is asked again, and told, by the page.
  queries.refresh(queries.ensure(OVERVIEW)).catch(() => undefined);
}

export function useOpenWarnings() {
  return useQuery({
    key: ['warn/open'],
    query: () => read('/warn/list', { state: 'open', page: 1, page_size: 8, sort: '-timestamp' }),
  });
}

/** Why starts failed in the last day, with the span in which they are counted, so that a figure opens its rows. */
export function useCauses() {
  return useQuery({
    key: ['boot_failure/statistics'],
    query: async () => {
      const to = Date.now();
      const span = { from: to - DAY, to };
      const found = await read('/boot_failure/statistics', { ...span, by: 'code', top: MOST_CAUSES });
      return { ...found, span };
    },
  });
}
