/** Permissions as a matrix of resources and actions. Pure. */

export interface Matrix {
  /** The columns, those that most resources have first. */
  actions: string[];
  /** The rows: a resource, and which actions there are. */
  rows: { resource: string; actions: Set<string> }[];
}

const split = (permission: string): [resource: string, action: string] => {
  const [resource = '', action = ''] = permission.split(':');
  return [resource, action];
};

/** The matrix of all permissions there are, and of those that the role has beside them. */
export function matrix(all: string[], have: string[]): Matrix {
  const rows = new Map<string, Set<string>>();
  const often = new Map<string, number>();
  for (const permission of new Set([...all, ...have])) {
    const [resource, action] = split(permission);
    if (resource === '*' || action === '*') continue;
    rows.set(resource, (rows.get(resource) ?? new Set()).add(action));
    often.set(action, (often.get(action) ?? 0) + 1);
  }
  return {
    actions: [...often.keys()].sort(
      (a, b) => (often.get(b) ?? 0) - (often.get(a) ?? 0) || a.localeCompare(b),
    ),
    rows: [...rows]
      .map(([resource, actions]) => ({ resource, actions }))
      .sort((a, b) => a.resource.localeCompare(b.resource)),
  };
}

/** Whether one of the patterns gives this; itself not looked at if `beside`. */
export function gives(have: string[], permission: string, beside = false): boolean {
  const [resource, action] = split(permission);
  return have.some((held) => {
    if (beside && held === permission) return false;
    const [r, a] = split(held);
    return (r === '*' || r === resource) && (a === '*' || a === action);
  });
}

/** The set with or without one. */
export function toggled(have: string[], permission: string, on: boolean): string[] {
  const rest = have.filter((held) => held !== permission);
  return on ? [...rest, permission].sort() : rest;
}
