/** A list: filters in the address, a page of rows from the API, the columns that its reader chose. */
import { computed } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { useQuery } from '@pinia/colada';
import { read, type Data, type Query, type Readable } from '@/api/client';
import { type Asked, fromAddress, PAGE_SIZE, toAddress } from './address';

/** Lists of the API: paths that answer `{total, items}`. */
export type ListPath = {
  [P in Readable]: Data<P, 'get'> extends { total: number; items: unknown[] } ? P : never;
}[Readable];
export type Row<P extends ListPath> = Data<P, 'get'> extends { items: (infer R)[] } ? R : never;

const ALWAYS_NUMBERS = ['page', 'page_size', 'from', 'to', 'sta_id', 'device_id', 'gun_num'];

export function useList<P extends ListPath>(path: P, fixed: () => Asked = () => ({})) {
  const route = useRoute();
  const router = useRouter();
  /** What stands in the address. */
  const asked = computed(() => fromAddress(route.query, ALWAYS_NUMBERS));
  const page = computed(() => Number(asked.value.page ?? 1));
  const pageSize = computed(() => Number(asked.value.page_size ?? PAGE_SIZE));
  const query = computed(() => ({ ...asked.value, ...fixed(), page: page.value, page_size: pageSize.value }));
  const filtered = computed(() =>
    Object.keys(asked.value).some((key) => !['page', 'page_size', 'sort'].includes(key)),
  );

  const answer = useQuery({
    key: () => [path, JSON.stringify(query.value)],
    query: ({ signal }) => read(path, query.value as unknown as Query<P>, signal),
    // What was shown stays until the next page is there: no flicker.
    placeholderData: (before) => before,
    staleTime: 5_000,
  });
  const rows = computed(() => (answer.data.value as { items: Row<P>[] } | undefined)?.items ?? []);
  const total = computed(() => (answer.data.value as { total: number } | undefined)?.total ?? 0);

  /** Changes filters, sorting or page. A new filter begins at the first page again. */
  async function ask(change: Asked): Promise<void> {
    const turns = 'page' in change;
    const next = { ...asked.value, ...(turns ? {} : { page: 1 }), ...change };
    await router.replace({ query: toAddress(next) });
  }
  const clear = (): Promise<unknown> => router.replace({ query: {} });

  return { asked, query, page, pageSize, filtered, rows, total, answer, ask, clear };
}
