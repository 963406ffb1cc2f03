/** Where the programs are, and ports for them. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../../..');

/** A program that cargo has built; `kind` says how, unless OPS_PROGRAMS names the folder. */
export function program(name: string, kind: 'debug' | 'release' = 'debug'): string {
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target');
  return join(process.env.OPS_PROGRAMS ?? join(target, kind), name);
}

/** The browser, as Debian or others install it. */
export function chromiumPath(): string {
  const found = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
  if (!found) throw new Error('no Chromium: run scripts/setup --browser');
  return found;
}

/** Ports that nobody uses, below those that outgoing connections are given. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  for (let port = 20_000 + (process.pid % 9_000); found.length < count; port += 1) {
    const free = await new Promise<boolean>((answer) => {
      const server = createServer();
      server.once('error', () => answer(false));
      server.listen(port, '127.0.0.1', () => server.close(() => answer(true)));
    });
    if (free) found.push(port);
  }
  return found;
}
