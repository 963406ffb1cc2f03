/**
 * The access token while its tab is open, so that a page loaded anew goes on without using up the refresh token: a
 * page that is loaded twice in a hurry would never see the answer to the first renewal, and the used token would
 * end the session.
 */

export interface Access {
  token: string;
  /** When it ends, ms by this machine's clock. */
  ends: number;
}

const KEPT = 'ops.access_token';

/** Keeps it beside the refresh token that came with it. */
export function keepFor(refresh: string, access: Access): void {
  sessionStorage.setItem(KEPT, JSON.stringify({ ...access, refresh }));
}

/** The one that came with this refresh token; another tab may have renewed meanwhile, or somebody else signed in. */
export function keptFor(refresh: string | null): Access | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null') as (Access & { refresh: string }) | null;
    return kept && kept.refresh === refresh ? { token: kept.token, ends: kept.ends } : null;
  } catch {
    return null;
  }
}

/** Lets it go. */
export function drop(): void {
  sessionStorage.removeItem(KEPT);
}
