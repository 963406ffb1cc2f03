/**
 * How the console asks the web API: typed by the OpenAPI document, unwrapped from the envelope.
 *
 * A request whose session has ended waits until somebody has signed in again, and is then sent once more:
 * whoever was filling in a form loses nothing.
 */
import createClient, { type Middleware } from 'openapi-fetch';
import type { paths } from './schema';

/** What the console must know of the session; `ground/session` provides it. */
export interface Credentials {
  /** The access token, renewed if it is about to end; null if nobody is signed in. */
  token(): Promise<string | null>;
  /** Called with a token that was refused: gives another, after signing in again if need be. */
  replace(refused: string | null): Promise<string | null>;
  /** `zh` or `en`. */
  language(): string;
}

/** An answer that is no success. `message` is the server's own words, in the reader's language. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** Seconds after which trying again makes sense; null if the server named none. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

let credentials: Credentials | undefined;

/** Says where tokens come from. Called once, at the start. */
export function useCredentials(given: Credentials): void {
  credentials = given;
}

/** Sends with the session's token, and once more with another if that is refused. */
export async function withToken<A>(
  send: (token: string | null) => Promise<A>,
  refused: (answer: A) => boolean,
): Promise<A> {
  const token = (await credentials?.token()) ?? null;
  const answer = await send(token);
  if (!credentials || !refused(answer)) return answer;
  const other = await credentials.replace(token);
  return other ? send(other) : answer;
}

/** What the server answers in. */
export function spoken(): string {
  return credentials?.language() ?? 'zh';
}

let underWay = 0;
const waiting = new Set<() => void>();

/** When no answer is waited for any more, or after so many milliseconds. */
export async function quiet(most: number): Promise<void> {
  if (underWay === 0) return;
  await new Promise<void>((done) => {
    waiting.add(done);
    setTimeout(done, most);
  });
}

async function counted<A>(work: Promise<A>): Promise<A> {
  underWay += 1;
  try {
    return await work;
  } finally {
    underWay -= 1;
    if (underWay === 0) {
      waiting.forEach((done) => done());
      waiting.clear();
    }
  }
}

/** Fetches with the session's token; asks for another once if it is refused. */
export function authorizedFetch(request: Request): Promise<Response> {
  const send = (token: string | null): Promise<Response> => {
    const copy = request.clone();
    if (token) copy.headers.set('authorization', `Bearer ${token}`);
    copy.headers.set('accept-language', spoken());
    return fetch(copy);
  };
  return counted(withToken(send, (answer) => answer.status === 401 && !isSigningIn(request)));
}

function isSigningIn(request: Request): boolean {
  return /\/auth\/(login|refresh)$/.test(new URL(request.url).pathname);
}

/** Turns whatever is no success into an `ApiError`. */
const failures: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) throw await failure(response);
  },
  onError() {
    return new ApiError(0, '');
  },
};

/** Reads what the server said of a failure. */
export async function failure(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const said = body && typeof body === 'object' && 'msg' in body ? String(body.msg) : response.statusText;
  const after = Number(response.headers.get('retry-after'));
  return new ApiError(response.status, said, Number.isFinite(after) && after > 0 ? after : null);
}

const client = createClient<paths>({ baseUrl: location.origin, fetch: authorizedFetch });
client.use(failures);

type Method = 'get' | 'post';
type Operation<P extends keyof paths, M extends Method> = NonNullable<paths[P][M]>;
type JsonOf<R> = R extends { content: { 'application/json': infer E } } ? E : never;

/** What an operation's envelope holds. */
export type Data<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { responses: { 200: infer R } }
    ? JsonOf<R> extends { data: infer D }
      ? D
      : never
    : never;

/** The query of an operation. */
export type Query<P extends keyof paths, M extends Method = 'get'> =
  Operation<P, M> extends { parameters: { query?: infer Q } } ? NonNullable<Q> : never;

/** The JSON body of an operation. */
export type Body<P extends keyof paths> =
  Operation<P, 'post'> extends { requestBody: { content: { 'application/json': infer B } } } ? B : never;

/** Paths that can be read. */
export type Readable = { [P in keyof paths]: paths[P] extends { get: object } ? P : never }[keyof paths];
/** Paths that change something. */
export type Changeable = { [P in keyof paths]: paths[P] extends { post: object } ? P : never }[keyof paths];

/**
 * Reads.
 * @throws ApiError
 */
export async function read<P extends Readable>(
  path: P,
  query?: Query<P>,
  signal?: AbortSignal,
): Promise<Data<P, 'get'>> {
  const ask = client.GET as unknown as Ask;
  const { data } = await ask(path, { params: { query }, signal });
  return (data as { data: Data<P, 'get'> }).data;
}

/**
 * Changes. `once` is the `Idempotency-Key`: a change sent twice with the same one happens once.
 * @throws ApiError
 */
export async function change<P extends Changeable>(
  path: P,
  body: Body<P>,
  once?: string,
): Promise<Data<P, 'post'>> {
  const ask = client.POST as unknown as Ask;
  const { data } = await ask(path, { body, headers: once ? { 'idempotency-key': once } : undefined });
  return (data as { data: Data<P, 'post'> }).data;
}

type Ask = (path: string, options: object) => Promise<{ data: unknown }>;

/** The address of a list as CSV or XLSX, with the filter that is shown. */
export function exportPath(path: Readable, query: Record<string, unknown>, format: 'csv' | 'xlsx'): string {
  const parameters = new URLSearchParams({ export: format });
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') parameters.set(key, String(value));
  }
  return `${path}?${parameters}`;
}
