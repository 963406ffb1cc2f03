/** A platform of its own on free ports, with simulated piles, and a browser. Nothing is mocked. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const ROOT = resolve(import.meta.dirname, '../..');
/** Where cargo has put the programs. */
const PROGRAMS =
  process.env.OPS_PROGRAMS ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'debug');
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
/** The password that the first account is given at its first sign-in. */
export const PASSWORD = 'walk-of-the-console-1';

export interface World {
  base: string;
  browser: Browser;
  /** The first account and its printed password. */
  first: { account: string; password: string };
  page(options?: Parameters<Browser['newContext']>[0]): Promise<{ context: BrowserContext; page: Page }>;
  end(): Promise<void>;
}

/** Ports that nobody uses, below those that outgoing connections are given. */
async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  for (let port = 20_000 + (process.pid % 10_000); found.length < count; port += 1) {
    const free = await new Promise<boolean>((answer) => {
      const server = createServer();
      server.once('error', () => answer(false));
      server.listen(port, '127.0.0.1', () => server.close(() => answer(true)));
    });
    if (free) found.push(port);
  }
  return found;
}

async function ready(platform: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((answer, refuse) => {
    const hear = (chunk: Buffer): void => {
      said += chunk;
      if (/^ready$/m.test(said)) answer();
    };
    platform.stdout?.on('data', hear);
    platform.stderr?.on('data', hear);
    platform.once('error', refuse);
    platform.once('exit', (code) => refuse(new Error(`pile-ops ended with ${code}:\n${said}`)));
  });
}

/** The account that the web server makes in an empty database, a moment after it is ready. */
async function firstAccount(file: string): Promise<World['first']> {
  for (let tries = 0; !existsSync(file); tries += 1) {
    if (tries > 600) throw new Error(`no first account in ${file}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const [account = '', password = ''] = readFileSync(file, 'utf8').trim().split(/\s+/);
  return { account, password };
}

/** Starts everything, with so many simulated piles. */
export async function start(piles: number): Promise<World> {
  if (!CHROMIUM) throw new Error('no Chromium: run scripts/setup --browser');
  const folder = mkdtempSync(join(tmpdir(), 'console-'));
  const [mqtt, mqtts, web, clickhouse, redis, register, ftp] = await freePorts(7);
  const ports = { mqtt, mqtts, web, clickhouse, redis, register, ftp };
  const options = Object.entries(ports).flatMap(([name, port]) => [`--${name}-port`, String(port)]);
  const platform = spawn(
    join(PROGRAMS, 'pile-ops'),
    ['up', '--data-dir', join(folder, 'var'), '--simulate', String(piles), ...options],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  await ready(platform);
  const first = await firstAccount(join(folder, 'var/access/first_admin'));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  return {
    base: `http://127.0.0.1:${web}/console/`,
    browser,
    first,
    async page(options) {
      const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, ...options });
      return { context, page: await context.newPage() };
    },
    async end() {
      await browser.close();
      const ended = new Promise((answer) => platform.once('exit', answer));
      platform.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Signs in, choosing a password if it is the first time. */
export async function signIn(page: Page, world: World, password: string): Promise<void> {
  await page.goto(world.base);
  await page.fill('input[name=account]', world.first.account);
  await page.fill('input[name=password]', password);
  await page.click('button[type=submit]');
}
