/** A vehicle's SOC only rises while it charges: where it falls, another one has come, and the curve is broken. */

type Point = readonly number[];

/** The points with a gap before each fall. Time, value. */
export function apart(points: readonly Point[]): (Point | [number, null])[] {
  return points.flatMap((point, i) => {
    const before = points[i - 1];
    const fell = before !== undefined && point[1]! < before[1]!;
    return fell ? [[point[0]!, null] as [number, null], point] : [point];
  });
}
