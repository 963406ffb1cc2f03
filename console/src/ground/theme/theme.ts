/** Light or dark: the reader's choice, else the system's. */
import { useDark, useToggle } from '@vueuse/core';

export const dark = useDark({
  storageKey: 'ops.theme',
  valueDark: 'dark',
  valueLight: '',
  disableTransition: false,
});
export const toggleDark = useToggle(dark);

/** The type of charts: canvases inherit none. */
export function typeface(): string {
  return getComputedStyle(document.body).fontFamily;
}

/** A colour of the tokens as charts need it: a value, not a name. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
