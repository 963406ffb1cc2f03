/** Columns of a list, and which of them its reader wants to see. */
import { computed } from 'vue';
import type { RouteLocationRaw } from 'vue-router';
import { useLocalStorage } from '@vueuse/core';

export interface Column {
  /** The field of the row; also the name of the slot that may draw it. */
  key: string;
  /** Pixels; what has none shares the rest. */
  width?: number;
  /** Whether the API sorts by it. */
  sort?: boolean;
  /** Not shown until chosen. */
  extra?: boolean;
  align?: 'right';
  /** Fixed pitch: ids, codes. */
  mono?: boolean;
  /** How the value is written; without it as it is. */
  text?: (value: never, row: never) => string;
  /** Where the value leads to; what a click on the row does is not open to the keyboard. */
  to?: (row: never) => RouteLocationRaw | undefined;
}

/** The uuid of a row's pile, as the way to it. */
export const UUID: Column = {
  key: 'uuid',
  width: 96,
  mono: true,
  to: ({ device_id }: { device_id?: number }) =>
    device_id ? { name: 'asset_detail', params: { device_id } } : undefined,
};
/** Whose a row is, where piles are told apart: uuid, name, station. */
export const PILE: Column[] = [UUID, { key: 'ass_name', width: 110 }, { key: 'sta_name', width: 130 }];

/** The columns that are shown, in their order; the choice stays in the browser under the list's name. */
export function useColumns(name: string, columns: Column[]) {
  const standard = columns.filter((column) => !column.extra).map((column) => column.key);
  const chosen = useLocalStorage<string[]>(`ops.columns.${name}`, standard);
  const shown = computed(() => columns.filter((column) => chosen.value.includes(column.key)));
  return { chosen, shown, standard };
}
