/** Which stations an organization has, shall have, and what that changes above and below it. Pure. */
import type { Schemas } from '@/api/types';
import { below, idOf, nameOf, type Node, type Placed } from './tree';

export type Station = Pick<Schemas['StationRow'], 'sta_id' | 'sta_name' | 'province' | 'city' | 'district'>;
/** Stations by organization. */
export type Holdings = Map<number, Set<number>>;

export interface Group {
  key: string;
  label: string;
  stations: Station[];
}

export interface Difference {
  added: Station[];
  removed: Station[];
  /** Those above that get stations which they have not had, nearest first. */
  above: { name: string; count: number }[];
  /** Those below that lose stations. */
  below: { name: string; count: number }[];
}

const byName = (a: { label: string }, b: { label: string }): number => a.label.localeCompare(b.label, 'zh');

function grouped(stations: Station[], of: (station: Station) => [key: string, label: string]): Group[] {
  const groups = new Map<string, Group>();
  for (const station of stations) {
    const [key, label] = of(station);
    const group = groups.get(key) ?? { key, label, stations: [] };
    group.stations.push(station);
    groups.set(key, group);
  }
  for (const group of groups.values())
    group.stations.sort((a, b) => a.sta_name.localeCompare(b.sta_name, 'zh'));
  return [...groups.values()].sort(byName);
}

/** Groups by city; `nowhere` for those that say none. */
export function byCity(stations: Station[], nowhere: string): Group[] {
  return grouped(stations, ({ province, city }) => {
    const place = [...new Set([province, city].filter(Boolean))].join(' ');
    return [`city ${place}`, place || nowhere];
  });
}

/** Groups by the lowest organization that has the station; `none` for those that nobody has. */
export function byOwner(
  stations: Station[],
  holdings: Holdings,
  placed: Map<number, Placed>,
  none: string,
): Group[] {
  const owner = new Map<number, Placed>();
  for (const [organization_id, sta_ids] of holdings) {
    const place = placed.get(organization_id);
    if (!place) continue;
    for (const sta_id of sta_ids) {
      const before = owner.get(sta_id);
      if (!before || before.above.length < place.above.length) owner.set(sta_id, place);
    }
  }
  return grouped(stations, ({ sta_id }) => {
    const place = owner.get(sta_id);
    if (!place) return ['owner 0', none];
    const label = [place.node, ...place.above].map(nameOf).reverse().join(' / ');
    return [`owner ${idOf(place.node)}`, label];
  });
}

/** The stations in whose name or place all words are. */
export function matching(stations: Station[], words: string): Station[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return stations;
  return stations.filter(({ sta_name, province, city, district }) => {
    const text = `${sta_name} ${province} ${city} ${district}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/** What saving changes: what goes, goes from those below as well; what comes, comes to those above as well. */
export function difference(
  stations: Station[],
  had: Set<number>,
  wanted: Set<number>,
  place: Placed,
  holdings: Holdings,
): Difference {
  const added = stations.filter(({ sta_id }) => wanted.has(sta_id) && !had.has(sta_id));
  const removed = stations.filter(({ sta_id }) => had.has(sta_id) && !wanted.has(sta_id));
  const touched = (nodes: Node[], changes: (own: Set<number>) => number) =>
    nodes
      .map((node) => ({ name: nameOf(node), count: changes(holdings.get(idOf(node)) ?? new Set()) }))
      .filter(({ count }) => count > 0);
  return {
    added,
    removed,
    above: touched(place.above, (own) => added.filter(({ sta_id }) => !own.has(sta_id)).length),
    below: touched(below(place.node), (own) => removed.filter(({ sta_id }) => own.has(sta_id)).length),
  };
}

/** A line of the tree as it is drawn. */
export type Line =
  | { kind: 'group'; key: string; group: Group; open: boolean; chosen: number }
  | { kind: 'station'; key: string; station: Station };

/** The lines of open groups, and of all of them while something is looked for. */
export function lines(groups: Group[], isOpen: (key: string) => boolean, wanted: Set<number>): Line[] {
  return groups.flatMap((group): Line[] => {
    const open = isOpen(group.key);
    const chosen = group.stations.reduce((n, { sta_id }) => n + Number(wanted.has(sta_id)), 0);
    const head: Line = { kind: 'group', key: group.key, group, open, chosen };
    if (!open) return [head];
    return [
      head,
      ...group.stations.map((station): Line => ({
        kind: 'station',
        key: `${group.key} ${station.sta_id}`,
        station,
      })),
    ];
  });
}
