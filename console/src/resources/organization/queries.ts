/** What the pages of organizations ask for. */
import { useQuery, useQueryCache } from '@pinia/colada';
import { read } from '@/api/client';
import type { Holdings, Station } from './distribution';

export function useTree() {
  return useQuery({ key: ['organization/tree'], query: () => read('/organization/tree') });
}

/** Everything about organizations is read anew. */
export function useRefresh(): () => Promise<unknown> {
  const cache = useQueryCache();
  return () => cache.invalidateQueries({ key: ['organization/tree'] });
}

/** The largest page of the API. */
const PAGE = 500;
/** Pages that are asked for at once. */
const AT_ONCE = 4;

/** All rows of a list, a few pages at once. */
async function all<R>(page: (page: number) => Promise<{ total: number; items: R[] }>): Promise<R[]> {
  const first = await page(1);
  const rest = Array.from({ length: Math.max(0, Math.ceil(first.total / PAGE) - 1) }, (_, n) => n + 2);
  const pages = new Map<number, R[]>([[1, first.items]]);
  const work = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      pages.set(next, (await page(next)).items);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return [...pages.keys()].sort((a, b) => a - b).flatMap((key) => pages.get(key) ?? []);
}

/** Every station that the reader sees, and who has which. */
export async function readHoldings(): Promise<{ stations: Station[]; holdings: Holdings }> {
  const [stations, rows] = await Promise.all([
    all((page) => read('/station/list', { page, page_size: PAGE, sort: 'sta_id' })),
    all((page) => read('/organization/station/list', { page, page_size: PAGE })),
  ]);
  const holdings: Holdings = new Map();
  for (const { organization_id, sta_id } of rows) {
    const own = holdings.get(organization_id) ?? new Set();
    holdings.set(organization_id, own.add(sta_id));
  }
  return { stations, holdings };
}

/** People who can be made members, by words. */
export function findUsers(words: string) {
  return read('/user/list', { page: 1, page_size: 30, ...(words ? { words } : {}) });
}
