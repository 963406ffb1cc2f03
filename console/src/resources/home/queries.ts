/** What the first page asks for. */
import { defineQueryOptions, useQuery, useQueryCache } from '@pinia/colada';
import { read } from '@/api/client';
import type { Schemas } from '@/api/types';

/** Causes that are shown. */
const MOST_CAUSES = 8;
const DAY = 86_400_000;

const OVERVIEW = defineQueryOptions({
  key: ['station/overview'],
  query: () => read('/station/overview'),
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

/** The stations that need a look first. Faults weigh most: they do not come back by themselves. */
export function worst(stations: Schemas['StationFigures'][], most: number): Schemas['StationFigures'][] {
  const weight = ({ figures }: Schemas['StationFigures']): number =>
    figures.piles.fault * 5 + figures.piles.offline * 3 + figures.boot_failures + figures.open_warnings;
  return stations
    .filter((station) => weight(station) > 0)
    .sort((a, b) => weight(b) - weight(a))
    .slice(0, most);
}
