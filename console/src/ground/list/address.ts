/** A list's filters, sorting and page as they stand in the address, so that a link shows what its sender saw. */
import type { LocationQuery, LocationQueryRaw } from 'vue-router';

/** What a list is asked for. Numbers and texts only: that is what fits into an address. */
export type Asked = Record<string, string | number | undefined>;

export const PAGE_SIZE = 20;

/** Reads the address; values of `numbers` become numbers, what is none is left out. */
export function fromAddress(query: LocationQuery, numbers: readonly string[]): Asked {
  const asked: Asked = {};
  for (const [key, value] of Object.entries(query)) {
    const text = Array.isArray(value) ? value[0] : value;
    if (text === null || text === undefined || text === '') continue;
    if (!numbers.includes(key)) asked[key] = text;
    else if (/^\d+$/.test(text)) asked[key] = Number(text);
  }
  return asked;
}

/** Writes the address; what is empty or the default is left out, so that links stay short. */
export function toAddress(asked: Asked): LocationQueryRaw {
  const query: LocationQueryRaw = {};
  for (const [key, value] of Object.entries(asked)) {
    const plain = key === 'page' ? value === 1 : key === 'page_size' && value === PAGE_SIZE;
    if (value !== undefined && value !== '' && !plain) query[key] = String(value);
  }
  return query;
}
