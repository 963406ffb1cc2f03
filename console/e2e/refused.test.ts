/** What 只读 may not do, the server refuses, whatever a page shows; and 运维 has no dangerous commands. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { Client, Refused } from './world/api';
import { ACCOUNTS, PASSWORD } from './world/people';
import { ROOT } from './world/places';

const { api } = inject('platform');
const { piles } = inject('places');
let reader: Client;
let operator: Client;

beforeAll(async () => {
  reader = await Client.signIn(api, ACCOUNTS.reader, PASSWORD);
  operator = await Client.signIn(api, ACCOUNTS.operator, PASSWORD);
});

/** The status of an answer; 200 of a success. */
async function status(of: Promise<unknown>): Promise<number> {
  return of.then(
    () => 200,
    (error: unknown) => {
      if (error instanceof Refused) return error.status;
      throw error;
    },
  );
}

const document = JSON.parse(readFileSync(join(ROOT, 'console/openapi.json'), 'utf8')) as {
  paths: Record<string, { post?: object }>;
};
/** Every operation that changes something, apart from one's own session. */
const CHANGES = Object.keys(document.paths).filter(
  (path) => document.paths[path]?.post && !/^\/auth\/|\/count$/.test(path),
);

describe('the server', () => {
  it('knows many changes', () => expect(CHANGES.length).toBeGreaterThan(50));

  it.each(CHANGES)('refuses %s to 只读', async (path) => {
    expect(await status(reader.post(path, {}))).toBe(403);
  });

  it.each(['重启', '关闭运维'])('refuses %s to 运维', async (command) => {
    const device_id = piles[0]?.device_id;
    expect(await status(operator.post('/command/send', { device_id, command }))).toBe(403);
    const selection = { device_ids: [device_id] };
    expect(await status(operator.post('/command/batch/send', { command, selection }))).toBe(403);
  });

  it('has no pile of others, for anybody', async () => {
    const device_id = piles.at(-1)?.device_id;
    expect(await status(operator.post('/command/send', { device_id, command: '对时' }))).toBe(404);
  });
});
