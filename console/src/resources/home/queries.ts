/** What the first page asks for. */
import { useQuery } from '@pinia/colada';
import { read } from '@/api/client';
import type { Schemas } from '@/api/types';

/** Failed starts that are read for the causes: the newest of a day. */
const FAILURES_READ = 500;
const DAY = 86_400_000;

export function useOverview() {
  return useQuery({ key: ['station/overview'], query: () => read('/station/overview'), staleTime: 5_000 });
}

export function useOpenWarnings() {
  return useQuery({
    key: ['warn/open'],
    query: () => read('/warn/list', { state: 'open', page: 1, page_size: 8, sort: '-timestamp' }),
  });
}

export function useFailures() {
  return useQuery({
    key: ['boot_failure/day'],
    query: () => {
      const to = Date.now();
      return read('/boot_failure/list', { from: to - DAY, to, page: 1, page_size: FAILURES_READ });
    },
  });
}

export interface Cause {
  party: string;
  text: string;
  count: number;
}

/** The causes by how often they came, at most `most`. */
export function causes(failures: Schemas['BootFailure'][], most: number): Cause[] {
  const by = new Map<string, Cause>();
  for (const row of failures) {
    const key = `${row.failed_party} ${row.failed_text}`;
    const cause = by.get(key) ?? {
      party: row.failed_party,
      text: row.failed_text || row.failed_code,
      count: 0,
    };
    cause.count += 1;
    by.set(key, cause);
  }
  return [...by.values()].sort((a, b) => b.count - a.count).slice(0, most);
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
