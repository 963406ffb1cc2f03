/** Finds piles, stations and charges by one text, by asking every list that may know it, at once. */
import type { RouteLocationRaw } from 'vue-router';
import { read } from '@/api/client';

export interface Found {
  kind: 'piles' | 'stations' | 'charges';
  title: string;
  beside: string;
  to: RouteLocationRaw;
}

/** Hits of each kind at most. */
const EACH = 6;
const DAY = 86_400_000;

export async function find(words: string): Promise<Found[]> {
  const some = { page: 1, page_size: EACH };
  const pile = (row: { device_id: number; name: string; ass_name: string; sta_name: string }): Found => ({
    kind: 'piles',
    title: row.name,
    beside: [row.ass_name, row.sta_name].filter(Boolean).join(' · '),
    to: { name: 'asset_detail', params: { device_id: row.device_id } },
  });
  const asked: Promise<Found[]>[] = [
    ...(/^[a-z]{1,8}$/i.test(words) ? [{ uuid: words.toUpperCase() }] : []),
    { words },
    { sim: words },
    { contract_num: words },
  ].map((by) => read('/asset/list', { ...some, ...by }).then((page) => page.items.map((row) => pile(row))));
  asked.push(
    read('/station/list', { ...some, words }).then((page) =>
      page.items.map((row) => ({
        kind: 'stations' as const,
        title: row.sta_name,
        beside: [row.city, row.district].filter(Boolean).join(' '),
        to: { name: 'monitor', query: { sta_id: row.sta_id } },
      })),
    ),
  );
  if (/^[A-Z0-9]{6,17}$/i.test(words)) {
    const now = Date.now();
    const within = { from: now - 30 * DAY, to: now, vin: words.toUpperCase() };
    asked.push(
      read('/trade_record/list', { ...some, ...within }).then((page) =>
        page.items.map((row) => ({
          kind: 'charges' as const,
          title: row.vin,
          beside: `${row.uuid} ${row.sta_name}`,
          to: { name: 'asset_detail', params: { device_id: row.device_id } },
        })),
      ),
    );
  }
  const answers = await Promise.allSettled(asked);
  const all = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  const seen = new Set<string>();
  return all.filter((hit) => {
    const key = `${hit.kind} ${hit.title} ${hit.kind === 'charges' ? hit.beside : ''}`;
    return !seen.has(key) && seen.add(key);
  });
}
