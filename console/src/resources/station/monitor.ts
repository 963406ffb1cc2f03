/**
 * The live state of many guns. Changes come about once a second and are applied to plain objects; the page is told
 * once a frame, so that thousands of guns cost no more than what is drawn.
 */
import { computed, shallowRef, triggerRef } from 'vue';
import type { Schemas } from '@/api/types';
import { useEvents } from '@/ground/live/events';
import { stateOf, type State } from '@/ground/gun/states';

export type Pile = Schemas['MonitorPile'];
/** One card: a gun, or a pile that has told of none yet. */
export interface Card {
  key: string;
  pile: Pile;
  gun: Schemas['LiveGun'] | null;
  state: State;
}

/** What guns a pile shows; one that is away shows itself. */
export function cards(piles: Iterable<Pile>): Card[] {
  const all: Card[] = [];
  for (const pile of piles) {
    const guns = pile.live?.guns ?? [];
    if (guns.length === 0)
      all.push({ key: `${pile.device_id}`, pile, gun: null, state: stateOf(pile.state) });
    for (const gun of guns) {
      all.push({ key: `${pile.device_id}-${gun.gun}`, pile, gun, state: stateOf(gun.state) });
    }
  }
  return all;
}

/** How many cards there are of each state. */
export function counted(all: Card[]): Map<State, number> {
  const counts = new Map<State, number>();
  for (const card of all) counts.set(card.state, (counts.get(card.state) ?? 0) + 1);
  return counts;
}

/** Applies what has come to what is there. A snapshot replaces all. */
export function apply(piles: Map<number, Pile>, event: string, news: Schemas['Monitor']): void {
  if (event === 'snapshot') piles.clear();
  for (const pile of news.piles) piles.set(pile.device_id, pile);
  for (const gone of news.gone) piles.delete(gone);
}

export function useMonitor(sta_id: () => number | undefined) {
  const piles = shallowRef(new Map<number, Pile>());
  const at = shallowRef(0);
  let asked = false;

  const events = useEvents(
    () => `/station/monitor/stream${sta_id() === undefined ? '' : `?sta_id=${sta_id()}`}`,
    (event, data) => {
      if (event !== 'snapshot' && event !== 'change') return;
      const news = data as Schemas['Monitor'];
      apply(piles.value, event, news);
      at.value = news.at;
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        triggerRef(piles);
      });
    },
  );
  const all = computed(() => cards(piles.value.values()));
  const counts = computed(() => counted(all.value));
  function restart(): void {
    piles.value = new Map();
    events.restart();
  }
  return { ...events, restart, all, counts, piles, at };
}
