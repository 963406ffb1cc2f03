/** A part of a log that is too long to be held whole: pieces that follow each other, and the lines in them. */
import type { Schemas } from '@/api/types';

/** A piece as it is read: chunks `chunk` to before `next_chunk`. */
export type Piece = Pick<Schemas['LogPart'], 'chunk' | 'next_chunk' | 'chunks' | 'text'>;

/** Chunks that are read at once: 256 KiB. */
export const AT_ONCE = 4;
/** Pieces that are held: 8 MiB. */
export const HELD = 32;

/** The lines of the pieces. The first may be the end of one that begins before them. */
export function linesOf(pieces: Piece[]): string[] {
  const text = pieces.map((piece) => piece.text).join('');
  if (!text) return [];
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  // What ends with a line break has no empty line behind it.
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** One more piece behind; what is too much goes in front. */
export function append(pieces: Piece[], piece: Piece): Piece[] {
  return [...pieces, piece].slice(-HELD);
}

/** One more piece in front; what is too much goes behind. */
export function prepend(pieces: Piece[], piece: Piece): Piece[] {
  return [piece, ...pieces].slice(0, HELD);
}

/** What comes before the pieces: from which chunk, how many; null at the beginning. */
export function before(pieces: Piece[]): { chunk: number; count: number } | null {
  const first = pieces[0]?.chunk ?? 0;
  const chunk = Math.max(0, first - AT_ONCE);
  return first > 0 ? { chunk, count: first - chunk } : null;
}

/** What comes behind the pieces; null at the end. */
export function behind(pieces: Piece[]): { chunk: number; count: number } | null {
  const last = pieces.at(-1);
  return last && last.next_chunk < last.chunks ? { chunk: last.next_chunk, count: AT_ONCE } : null;
}

/** The place of a line that was found: the server cuts long ones and blanks at the end. `nth` of those alike, from 0. */
export function placeOf(lines: string[], found: string, nth = 0): number {
  let left = nth;
  return lines.findIndex((line) => line.startsWith(found) && left-- === 0);
}

/** A line in parts, those with the words apart: even ones are plain. Whatever the case. */
export function split(line: string, words: string): string[] {
  if (!words) return [line];
  const parts: string[] = [];
  const [low, sought] = [line.toLowerCase(), words.toLowerCase()];
  // Some letters change their length with their case; then nothing is marked.
  if (low.length !== line.length) return [line];
  let from = 0;
  for (let at = low.indexOf(sought); at >= 0; at = low.indexOf(sought, from)) {
    parts.push(line.slice(from, at), line.slice(at, at + sought.length));
    from = at + sought.length;
  }
  return [...parts, line.slice(from)];
}
