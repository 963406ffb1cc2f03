import { describe, expect, it } from 'vitest';
import { byCity, byOwner, difference, lines, matching, type Station } from './distribution';
import { below, idOf, type Node, places } from './tree';

const node = (organization_id: number, children: Node[] = []): Node => ({
  organization: {
    organization_id,
    organization_name: `组织${organization_id}`,
    parent_id: 0,
    contact: '',
    contact_information: '',
    timestamp: 1,
  },
  user_count: 0,
  station_count: 0,
  children,
});
const station = (sta_id: number, city: string): Station => ({
  sta_id,
  sta_name: `站${sta_id}`,
  province: city && '浙江',
  city,
  district: '',
});

// 1 ─ 2 ─ 3, 4
const tree = [node(1, [node(2, [node(3)]), node(4)])];
const placed = places(tree);
const stations = [station(10, '杭州'), station(11, '杭州'), station(12, '宁波'), station(13, '')];
const holdings = new Map([
  [1, new Set([10, 11, 12])],
  [2, new Set([10, 11])],
  [3, new Set([11])],
]);

describe('the tree', () => {
  it('knows who is above and below', () => {
    expect(placed.get(3)?.above.map(idOf)).toEqual([2, 1]);
    expect(below(tree[0]!).map(idOf)).toEqual([2, 3, 4]);
  });
});

describe('the distribution', () => {
  it('groups by city and by the lowest owner', () => {
    expect(byCity(stations, '无').map((g) => [g.label, g.stations.length])).toEqual(
      expect.arrayContaining([
        ['浙江 杭州', 2],
        ['浙江 宁波', 1],
        ['无', 1],
      ]),
    );
    const owners = byOwner(stations, holdings, placed, '无');
    expect(Object.fromEntries(owners.map((g) => [g.label, g.stations.map((s) => s.sta_id)]))).toEqual({
      组织1: [12],
      '组织1 / 组织2': [10],
      '组织1 / 组织2 / 组织3': [11],
      无: [13],
    });
  });

  it('finds by all words', () => {
    expect(matching(stations, '杭州 站1').map((s) => s.sta_id)).toEqual([10, 11]);
    expect(matching(stations, ' ')).toHaveLength(4);
  });

  it('says what comes and goes, and whom else that touches', () => {
    const had = holdings.get(2)!;
    const wanted = new Set([10, 12, 13]);
    expect(difference(stations, had, wanted, placed.get(2)!, holdings)).toEqual({
      added: [stations[2], stations[3]],
      removed: [stations[1]],
      above: [{ name: '组织1', count: 1 }],
      below: [{ name: '组织3', count: 1 }],
    });
    expect(difference(stations, had, had, placed.get(2)!, holdings).added).toEqual([]);
  });

  it('draws open groups only', () => {
    const groups = byCity(stations, '无');
    const drawn = lines(groups, (key) => key.includes('杭州'), new Set([10]));
    expect(drawn).toHaveLength(groups.length + 2);
    expect(drawn.find((line) => line.kind === 'group' && line.open)).toMatchObject({ chosen: 1 });
  });
});
