/** How wide texts are, as near as a column or an input needs it. */

/** Of a letter at the size of tables and inputs, pixels: Chinese ones are square. */
const SQUARE = 13;
const NARROW = 7.5;

/** Pixels that the text takes in one line. */
export function wide(text: string): number {
  return [...text].reduce((sum, letter) => sum + (letter > '\u2e7f' ? SQUARE : NARROW), 0);
}

/** What a column's title takes: the text, the cell's padding, and the arrows by which it is sorted. */
export function titled(text: string, sorted = false): number {
  return Math.ceil(wide(text)) + 24 + (sorted ? 22 : 0);
}

/** What an input takes whose placeholder is to be read whole. */
export function held(text: string): number {
  return Math.ceil(wide(text)) + 30;
}
