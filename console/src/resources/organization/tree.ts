/** The tree of organizations: walking it. Pure. */
import type { Schemas } from '@/api/types';

export type Node = Schemas['OrganizationNode'];

/** An organization with its place. */
export interface Placed {
  node: Node;
  /** Those above that the reader sees, nearest first. */
  above: Node[];
}

/** Every organization by its id. */
export function places(tree: Node[]): Map<number, Placed> {
  const found = new Map<number, Placed>();
  const walk = (nodes: Node[], above: Node[]): void => {
    for (const node of nodes) {
      found.set(node.organization.organization_id, { node, above });
      walk(node.children, [node, ...above]);
    }
  };
  walk(tree, []);
  return found;
}

/** Those below, at any depth, from the top down. */
export function below(node: Node): Node[] {
  return node.children.flatMap((child) => [child, ...below(child)]);
}

export const idOf = (node: Node): number => node.organization.organization_id;
export const nameOf = (node: Node): string => node.organization.organization_name;
