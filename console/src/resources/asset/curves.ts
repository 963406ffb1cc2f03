/**
 * Curves of what piles report when it changes. A vehicle's SOC only rises while it charges: where it falls, another
 * one has come, and the curve is broken.
 */

type Point = readonly number[];

/** The points with a gap before each fall, and where no vehicle is there: piles say 0 then. Time, value. */
export function apart(points: readonly Point[]): (Point | [number, null])[] {
  return points.flatMap((point, i) => {
    const before = points[i - 1];
    const gap: [number, null] = [point[0]!, null];
    if (point[1] === 0) return [gap];
    const fell = before !== undefined && point[1]! < before[1]!;
    return fell ? [gap, point] : [point];
  });
}

/** The points, and the last value once more at a later time that is known of: it has not changed until then. */
export function held(points: readonly Point[], until = 0): readonly Point[] {
  const last = points.at(-1);
  return last && until > last[0]! ? [...points, [until, last[1]!]] : points;
}
