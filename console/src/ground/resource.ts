/**
 * A resource of the console: a folder with its pages, its queries and its words, and one of these. The menu, the
 * routes and the lazy loading of words all come from it.
 */
import type { Component } from 'vue';
import type { RouteRecordRaw } from 'vue-router';
import type { Words } from './i18n';
import type { Panel } from './panel';

/** The groups of the menu, in their order. */
export const GROUPS = ['watch', 'fault', 'act', 'manage'] as const;
export type Group = (typeof GROUPS)[number];

export interface Page {
  /** Below `/console`. */
  path: string;
  /** Unique name of the route. */
  name: string;
  component: () => Promise<{ default: Component }>;
  /** `resource:action` that the page needs; without it everybody who has signed in may see it. */
  permission?: string;
  /** Where it stands in the menu; without it the page is reached from others. */
  menu?: { group: Group; icon: Component; order: number };
  /** Without the frame of menu and bar. */
  bare?: boolean;
  /** Asks for what the page shows first, while its files come and the frame is drawn. */
  ahead?: () => void;
}

export interface Resource {
  name: string;
  words?: Words;
  pages: Page[];
  /** What it puts on the page of one pile. */
  panels?: Panel[];
}

/** Keeps the type while leaving the value as it is written. */
export function resource(given: Resource): Resource {
  return given;
}

declare module 'vue-router' {
  interface RouteMeta {
    resource?: Resource;
    page?: Page;
  }
}

/** The routes of a resource. */
export function routesOf(given: Resource): RouteRecordRaw[] {
  return given.pages.map((page) => ({
    path: page.path,
    name: page.name,
    component: page.component,
    meta: { resource: given, page },
  }));
}
