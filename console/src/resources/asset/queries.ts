/** What the page of one pile asks for. */
import { useQuery } from '@pinia/colada';
import { read, type Data } from '@/api/client';

const DAY = 86_400_000;
export type Detail = Data<'/asset/detail', 'get'>;
export type History = Data<'/run_data/history', 'get'>;

export function useDetail(device_id: () => number) {
  return useQuery({
    key: () => ['asset/detail', device_id()],
    query: () => read('/asset/detail', { device_id: device_id() }),
  });
}

export function useHistory(device_id: () => number) {
  return useQuery({
    key: () => ['run_data/history', device_id()],
    query: () => {
      const to = Date.now();
      return read('/run_data/history', { device_id: device_id(), from: to - DAY, to, points: 400 });
    },
  });
}
