/**
 * What resources put on the page of one pile: a tab with rows of theirs, or a button in its head. The page knows
 * none of them; each says so itself in its `index.ts`.
 */
import { type Component, defineAsyncComponent } from 'vue';
import { loadWords } from './i18n';
import type { Resource } from './resource';

/** What the page tells a panel. */
export interface PanelProps {
  deviceId: number;
  /** Empty for an asset without one. */
  uuid: string;
}

export interface Panel {
  /** Unique; a tab's is its place in the address, and its title is the ground's `menu.{name}`. */
  name: string;
  place: 'tab' | 'head';
  /** Takes `PanelProps`. */
  component: () => Promise<{ default: Component }>;
  /** `resource:action` without which it is not shown. */
  permission?: string;
  order: number;
}

/** A panel with its component, which brings its resource's words when it is first shown. */
export interface Offered extends Omit<Panel, 'component'> {
  component: Component;
}

const offered: Offered[] = [];

/** Takes the panels of all resources, once, at the start. */
export function offerPanels(resources: Resource[]): void {
  for (const resource of resources) {
    for (const panel of resource.panels ?? []) {
      const load = async (): Promise<Component> => {
        if (resource.words) await loadWords(resource.name, resource.words);
        return (await panel.component()).default;
      };
      offered.push({ ...panel, component: defineAsyncComponent(load) });
    }
  }
  offered.sort((a, b) => a.order - b.order);
}

/** The panels of a place, in their order. */
export function panelsAt(place: Panel['place'], may: (permission?: string) => boolean): Offered[] {
  return offered.filter((panel) => panel.place === place && may(panel.permission));
}
