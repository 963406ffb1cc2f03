import { describe, expect, it } from 'vitest';
import {
  append,
  AT_ONCE,
  before,
  behind,
  HELD,
  linesOf,
  type Piece,
  placeOf,
  prepend,
  split,
} from './window';

const piece = (chunk: number, text: string, chunks = 100, next_chunk = chunk + AT_ONCE): Piece => ({
  chunk,
  next_chunk,
  chunks,
  text,
});

describe('a part of a long log', () => {
  it('joins lines over the ends of its pieces', () => {
    expect(linesOf([piece(0, 'a\r\nb'), piece(4, 'c\nd\n')])).toEqual(['a', 'bc', 'd']);
    expect(linesOf([piece(0, 'a\n\n')])).toEqual(['a', '']);
    expect(linesOf([])).toEqual([]);
  });

  it('holds so many pieces and no more, the newest', () => {
    let pieces: Piece[] = [];
    for (let n = 0; n < HELD + 3; n += 1) pieces = append(pieces, piece(n * AT_ONCE, 'x'));
    expect([pieces.length, pieces[0]!.chunk]).toEqual([HELD, 3 * AT_ONCE]);
    pieces = prepend(pieces, piece(2 * AT_ONCE, 'y'));
    expect([pieces.length, pieces[0]!.chunk, pieces.at(-1)!.chunk]).toEqual([
      HELD,
      2 * AT_ONCE,
      (HELD + 1) * AT_ONCE,
    ]);
  });

  it('knows what comes before and behind, and where the log ends', () => {
    const some = [piece(2, 'x', 7, 6)];
    expect([before(some), behind(some)]).toEqual([
      { chunk: 0, count: 2 },
      { chunk: 6, count: AT_ONCE },
    ]);
    const all = [piece(0, 'x', 3, 3)];
    expect([before(all), behind(all), behind([])]).toEqual([null, null, null]);
  });

  it('finds the line that was meant among those alike', () => {
    const lines = ['error', 'ok', 'error and more', 'error'];
    expect([placeOf(lines, 'error'), placeOf(lines, 'error', 1), placeOf(lines, 'error', 3)]).toEqual([
      0, 2, -1,
    ]);
  });

  it('marks the words in a line', () => {
    expect(split('Error: an ERROR', 'error')).toEqual(['', 'Error', ': an ', 'ERROR', '']);
    expect(split('a*b', '*')).toEqual(['a', '*', 'b']);
    expect(split('abc', '')).toEqual(['abc']);
  });
});
