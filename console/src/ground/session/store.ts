/**
 * Who has signed in. The refresh token lives in the browser's storage, so that another page or a restart of the
 * browser goes on; the access token only as long as its tab (`kept.ts`). A session that ends while somebody works
 * does not lead away: `waiting` opens the sign-in over the page, and what was asked meanwhile is sent when it is
 * done.
 */
import { computed, ref } from 'vue';
import { defineStore } from 'pinia';
import { type ApiError, failure } from '@/api/client';
import type { Schemas } from '@/api/types';
import { type Access, drop, keepFor, keptFor } from './kept';

type Tokens = Schemas['Tokens'];

const STORED = 'ops.refresh_token';
/** An access token is renewed when it has less than this left, ms. */
const RENEW_BEFORE = 30_000;

async function post<T>(path: string, body: object, token?: string): Promise<T> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  headers['accept-language'] = document.documentElement.lang.startsWith('en') ? 'en' : 'zh';
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw await failure(answer);
  return ((await answer.json()) as { data: T }).data;
}

/** One page of this browser at a time: a refresh token that is used twice ends the session. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  // Locks exist on secure origins only; without them a second page may have to sign in again.
  return navigator.locks ? await navigator.locks.request('ops.refresh', work) : await work();
}

export const useSession = defineStore('session', () => {
  const access = ref<Access | null>(keptFor(localStorage.getItem(STORED)));
  const me = ref<Schemas['Me'] | null>(null);
  const waiting = ref<((token: string | null) => void)[]>([]);
  let renewing: Promise<string | null> | null = null;

  const signedIn = computed(() => me.value !== null);
  /** Whether the sign-in is to be shown over the page. */
  const interrupted = computed(() => waiting.value.length > 0);

  function keep(tokens: Tokens): string {
    access.value = { token: tokens.access_token, ends: Date.now() + tokens.expires_in * 1000 };
    localStorage.setItem(STORED, tokens.refresh_token);
    keepFor(tokens.refresh_token, access.value);
    return tokens.access_token;
  }

  function forget(): void {
    access.value = null;
    me.value = null;
    localStorage.removeItem(STORED);
    drop();
  }

  async function useUpRefreshToken(): Promise<string | null> {
    const refresh_token = localStorage.getItem(STORED);
    if (!refresh_token) return null;
    try {
      return keep(await post<Tokens>('/auth/refresh', { refresh_token }));
    } catch (error) {
      // Only a refusal ends the session; a server that is away does not.
      if ((error as ApiError).status === 401) return null;
      throw error;
    }
  }

  /** Renews the access token; null if the session has ended. Only one renewal at a time: each uses its token up. */
  function renew(): Promise<string | null> {
    renewing ??= inTurn(useUpRefreshToken).finally(() => {
      renewing = null;
    });
    return renewing;
  }

  async function token(): Promise<string | null> {
    if (access.value && access.value.ends - Date.now() > RENEW_BEFORE) return access.value.token;
    return localStorage.getItem(STORED) ? renew() : null;
  }

  /** Another token in place of one that was refused: by renewing, or by signing in again over the page. */
  async function replace(refused: string | null): Promise<string | null> {
    if (access.value && access.value.token !== refused) return access.value.token;
    const renewed = await renew();
    if (renewed || !me.value) return renewed;
    return new Promise((resolve) => waiting.value.push(resolve));
  }

  async function load(): Promise<void> {
    const answer = await fetch('/auth/me', { headers: { authorization: `Bearer ${await token()}` } });
    if (!answer.ok) throw await failure(answer);
    me.value = ((await answer.json()) as { data: Schemas['Me'] }).data;
  }

  /**
   * Signs in, and lets go whatever has been waiting for it.
   * @throws ApiError
   */
  async function signIn(account: string, password: string): Promise<void> {
    keep(await post<Tokens>('/auth/login', { account, password }));
    const before = me.value?.user_id;
    await load();
    const resumed = waiting.value.splice(0);
    // Another person must not send what the first one had typed.
    const same = before === undefined || before === me.value?.user_id;
    resumed.forEach((resume) => resume(same ? (access.value?.token ?? null) : null));
  }

  /**
   * Goes on with the session that the browser kept, if there is one. `ahead` is called as soon as anything can be
   * asked, while it is asked who that is; what he may not see is refused to it.
   */
  async function resume(ahead?: () => void): Promise<void> {
    if (me.value || !localStorage.getItem(STORED)) return;
    try {
      if (await token()) {
        ahead?.();
        return await load();
      }
    } catch (error) {
      // The token that the tab has kept may belong to a session that has ended meanwhile.
      if ((error as ApiError).status !== 401) throw error;
      if (await renew()) return load();
    }
    forget();
  }

  async function changePassword(old_password: string, new_password: string): Promise<void> {
    // All sessions end with the old password; this one goes on with the tokens of the answer.
    const body = { old_password, new_password };
    keep(await post<Tokens>('/auth/password', body, (await token()) ?? undefined));
    await load();
  }

  async function signOut(): Promise<void> {
    await post('/auth/logout', {}, (await token()) ?? undefined).catch(() => undefined);
    waiting.value.splice(0).forEach((resume) => resume(null));
    forget();
  }

  /** Whether the signed-in user has a permission, `resource:action`; either half may be `*` in his role. */
  function may(permission: string | undefined): boolean {
    if (!permission) return true;
    const [resource, action] = permission.split(':');
    return (me.value?.permissions ?? []).some((held) => {
      const [r, a] = held.split(':');
      return (r === '*' || r === resource) && (a === '*' || a === action);
    });
  }

  return { me, signedIn, interrupted, token, replace, signIn, resume, changePassword, signOut, load, may };
});
