/** The drawings of the safety rail: rates of both sides over the looks, and p-values under their bound. */
import { token, typeface } from '@/ground/theme/theme';
import { type Look, probability, rated } from './figures';

export interface Named {
  updated: string;
  control: string;
  limit: string;
  p: string;
  bound: string;
}

/** Below this a p-value is drawn here: the axis is a logarithm's. */
export const LEAST_P = 1e-6;
const drawn = (p: number): number => Math.max(p, LEAST_P);

/** What is drawn: each `[ms, value]`. The limit is the control group's rate and what it may be exceeded by. */
export function lines(looks: Look[], worse_by_percent: number) {
  const seen = looks.filter((look) => look.verdict !== 'no_data');
  const of = (value: (look: Look) => number) => seen.map((look): [number, number] => [look.at, value(look)]);
  return {
    updated: of((look) => look.updated.rate),
    control: of((look) => look.control.rate),
    limit: of((look) => look.control.rate * (1 + worse_by_percent / 100)),
    p: of((look) => drawn(look.p)),
    bound: of((look) => drawn(look.bound)),
  };
}

export function option(measure: string, looks: Look[], worse_by_percent: number, named: Named) {
  const drawn = lines(looks, worse_by_percent);
  const soft = { color: token('ink-soft') };
  const line = { lineStyle: { color: token('line') } };
  const grid = { left: 76, right: 16 };
  const axis = (gridIndex: number) => ({
    type: 'time',
    gridIndex,
    axisLabel: { ...soft, hideOverlap: true, show: gridIndex === 1 },
    axisLine: line,
    splitNumber: 4,
  });
  const value = { axisLabel: soft, splitLine: line };
  const rate = (text: unknown): string => rated(measure, Number(text));
  const chance = (text: unknown): string => probability(Number(text));
  const series = (name: string, data: [number, number][], colour: string, rest: object = {}) => ({
    name,
    type: 'line',
    data,
    color: token(colour),
    symbolSize: 6,
    lineStyle: { width: 2 },
    tooltip: { valueFormatter: rate },
    ...rest,
  });
  const thin = { symbol: 'none', lineStyle: { width: 1.5, type: 'dashed' } };
  const below = { xAxisIndex: 1, yAxisIndex: 1, tooltip: { valueFormatter: chance } };
  return {
    animation: false,
    textStyle: { fontFamily: typeface() },
    grid: [
      { ...grid, top: 52, height: 110 },
      { ...grid, top: 190, height: 76 },
    ],
    axisPointer: { link: [{ xAxisIndex: 'all' }] },
    legend: { top: 0, textStyle: soft, icon: 'roundRect', itemHeight: 3, itemGap: 8 },
    tooltip: {
      trigger: 'axis',
      backgroundColor: token('surface-raised'),
      borderColor: token('line'),
      textStyle: { color: token('ink') },
    },
    xAxis: [axis(0), axis(1)],
    yAxis: [
      { ...value, type: 'value', min: 0, splitNumber: 3, axisLabel: { ...soft, formatter: rate } },
      {
        ...value,
        type: 'log',
        gridIndex: 1,
        min: LEAST_P,
        max: 1,
        axisLabel: { ...soft, formatter: chance, hideOverlap: true },
        name: named.p,
        nameTextStyle: { ...soft, align: 'right', padding: [0, 8, 0, 0] },
        nameGap: 8,
      },
    ],
    series: [
      series(named.updated, drawn.updated, 'fault', { symbol: 'rect' }),
      series(named.control, drawn.control, 'idle', { symbol: 'circle' }),
      series(named.limit, drawn.limit, 'ink-soft', thin),
      series(named.p, drawn.p, 'other', { ...below, symbol: 'diamond' }),
      // Where the p-value falls into this, it halts.
      series(named.bound, drawn.bound, 'ink', {
        ...thin,
        ...below,
        areaStyle: { color: token('fault'), opacity: 0.12, origin: 'start' },
      }),
    ],
  };
}
