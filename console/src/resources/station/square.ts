/** How large the squares of the wall display are. */

const GAP = 3;
const LEAST = 8;
const MOST = 44;

/** The largest side, px, with which so many squares fit into the room. */
export function squareOf(count: number, width: number, height: number): number {
  for (let side = MOST; side > LEAST; side -= 1) {
    const across = Math.floor((width + GAP) / (side + GAP));
    const down = Math.floor((height + GAP) / (side + GAP));
    if (across * down >= count) return side;
  }
  return LEAST;
}
