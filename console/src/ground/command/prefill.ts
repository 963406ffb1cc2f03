/** A way to the form that sends commands, with something in it already: to ask what is missing, to send once more. */
import type { RouteLocationRaw } from 'vue-router';
import type { Selection } from '@/ground/pick/selection';

export interface Prefill {
  command: string;
  /** As the API has them. */
  fields: Record<string, unknown>;
  /** One pile. */
  device_id?: number;
  /** Or many. */
  selection?: Selection;
}

/** Where to go. What is in it travels beside the address, which could not hold thousands of piles. */
export function sendForm(prefill: Prefill): RouteLocationRaw {
  return { name: 'command_send', state: { prefill: JSON.stringify(prefill) } };
}

/** Takes what came with the present address, once: reading the page anew must not overwrite what was typed since. */
export function takePrefill(): Prefill | null {
  const { prefill, ...rest } = (history.state ?? {}) as { prefill?: string };
  if (!prefill) return null;
  history.replaceState(rest, '');
  return JSON.parse(prefill) as Prefill;
}
