/** The web API as somebody who has signed in: for what must be there before a walk, and to see what it has done. */
import { randomUUID } from 'node:crypto';
import { until } from './wait';

interface Answer {
  status: number;
  msg: string;
  data: unknown;
}

/** An answer that is no success. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(`${status} ${message}`);
  }
}

export class Client {
  private constructor(
    readonly api: string,
    readonly tokens: { access_token: string; refresh_token: string },
  ) {}

  /** Signs in. */
  static async signIn(api: string, account: string, password: string): Promise<Client> {
    return new Client(api, (await ask(api, '/auth/login', { account, password })) as Client['tokens']);
  }

  /** Signs in for the first time, with a password that must be changed. */
  static async first(api: string, account: string, given: string, own: string): Promise<Client> {
    const { tokens } = await Client.signIn(api, account, given);
    const body = { old_password: given, new_password: own };
    return new Client(api, (await ask(api, '/auth/password', body, tokens.access_token)) as Client['tokens']);
  }

  /** What a success carries. */
  get<T>(path: string, query: Record<string, string | number> = {}): Promise<T> {
    const words = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
    return ask(this.api, `${path}?${words}`, undefined, this.tokens.access_token) as Promise<T>;
  }

  /** What the success of a change carries; a `FormData` is sent as one. */
  post<T>(path: string, body: object): Promise<T> {
    return ask(this.api, path, body, this.tokens.access_token) as Promise<T>;
  }
}

/** A 503 is no news on a busy machine: the same is asked again, as the same request. */
async function ask(api: string, path: string, body?: object, token?: string): Promise<unknown> {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const form = body instanceof FormData;
  if (body && !form) headers['content-type'] = 'application/json';
  if (body && !form && token) headers['idempotency-key'] = randomUUID();
  return until(`an answer of ${path}`, async () => {
    const answer = await fetch(`${api}${path}`, {
      method: body ? 'POST' : 'GET',
      headers,
      body: form ? body : body && JSON.stringify(body),
    });
    if (answer.status === 503) throw new Error(await answer.text());
    const said = (await answer.json()) as Answer;
    return answer.ok ? { data: said.data } : { refused: new Refused(answer.status, `${path}: ${said.msg}`) };
  }).then((answer) => {
    if ('refused' in answer) throw answer.refused;
    return answer.data;
  });
}

/** Gives a pile its station and its name; again if it was changed meanwhile, as a pile that logs in does. */
export async function stand(
  chief: Client,
  device_id: number,
  sta_id: number,
  ass_name: string,
): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const { asset } = await chief.get<{ asset: { timestamp: number } }>('/asset/detail', { device_id });
    try {
      await chief.post('/asset/edit', { device_id, timestamp: asset.timestamp, sta_id, ass_name });
      return;
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 409 || tries === 20) throw error;
    }
  }
}
