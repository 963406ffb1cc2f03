/** A checked sheet as a table: what stands in each cell, and what is wrong with it. Pure. */
import type { Schemas } from '@/api/types';

export interface Cell {
  text: string;
  /** Empty if nothing is wrong. */
  wrong: string;
}
export interface Line {
  row: number;
  /** What is wrong with the whole row. */
  wrong: string;
  cells: Cell[];
}
export interface Table {
  titles: string[];
  lines: Line[];
  /** What is wrong with the titles: a column that nobody knows. */
  general: string[];
}

type Part = Pick<Schemas['Report'], 'preview' | 'faults'>;

/** The table of a report; `only` leaves out what has no faults. */
export function tableOf({ preview, faults }: Part, only: boolean): Table {
  const { titles } = preview;
  const by = new Map<number, Map<number, string[]>>();
  const general: string[] = [];
  for (const { row, column, message } of faults) {
    if (row <= 1) {
      general.push(column ? `${column}：${message}` : message);
      continue;
    }
    const place = titles.indexOf(column);
    const text = place < 0 && column ? `${column}：${message}` : message;
    const own = by.get(row) ?? new Map<number, string[]>();
    own.set(place, [...(own.get(place) ?? []), text]);
    by.set(row, own);
  }
  const said = (row: number, place: number): string => (by.get(row)?.get(place) ?? []).join('；');
  const lines = preview.rows
    .filter(({ row }) => !only || by.has(row))
    .map(({ row, cells }) => ({
      row,
      wrong: said(row, -1),
      cells: titles.map((_, place) => ({ text: cells[place] ?? '', wrong: said(row, place) })),
    }));
  return { titles, lines, general };
}

/** A sheet with titles only, as a spreadsheet opens it: the mark at its head says that it is UTF-8. */
export function template(titles: string[]): string {
  const quoted = titles.map((title) => (/[",\n]/.test(title) ? `"${title.replace(/"/g, '""')}"` : title));
  return `\ufeff${quoted.join(',')}\r\n`;
}
