/** What piles are chosen by: the models that there are. */
import { useQuery } from '@pinia/colada';
import { read } from '@/api/client';

export function useModels() {
  return useQuery({
    key: ['pick/models'],
    query: async () => {
      const page = await read('/device_model/list', { page: 1, page_size: 500 });
      return page.items.map((row) => row.model);
    },
    staleTime: 60_000,
  });
}
