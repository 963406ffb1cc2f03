/** The power of a gun from its voltage and its current, kW. */

type Points = (number | null)[][];

/** Voltage and current are thinned out apart, so that each power takes the newest of both: `[ms, kW]`. */
export function power(gun: { voltage: Points; current: Points }): [number, number][] {
  const points: [number, number][] = [];
  let i = 0;
  let volts: number | null = null;
  for (const [at, amperes] of gun.current) {
    if (at == null || amperes == null) continue;
    for (; i < gun.voltage.length && (gun.voltage[i]?.[0] ?? 0) <= at; i += 1)
      volts = gun.voltage[i]?.[1] ?? volts;
    if (volts !== null) points.push([at, Math.round(volts * amperes) / 1000]);
  }
  return points;
}
