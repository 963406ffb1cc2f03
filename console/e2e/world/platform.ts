/** A platform of its own on free ports, with simulated piles. Nothing is mocked. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, program } from './places';
import { until } from './wait';

/** What others must know of it. */
export interface Platform {
  /** `http://…` of the web API. */
  api: string;
  /** Of the console. */
  base: string;
  /** Where its data is, and whatever else is to go with it. */
  folder: string;
  mqtt: number;
  /** Of `pile-ops`, whose children the services are. */
  pid: number;
  /** The account that a new database has, and its password, which must be changed. */
  first: { account: string; password: string };
}

export interface Started extends Platform {
  end(): Promise<void>;
}

/** Starts everything, with so many simulated piles. */
export async function startPlatform(piles: number): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'console-'));
  const [mqtt, mqtts, web, clickhouse, redis, register, ftp] = (await freePorts(7)) as [number, ...number[]];
  const ports = { mqtt, mqtts, web, clickhouse, redis, register, ftp };
  const options = Object.entries(ports).flatMap(([name, port]) => [`--${name}-port`, String(port)]);
  const platform = spawn(
    program('pile-ops'),
    ['up', '--data-dir', join(folder, 'var'), '--simulate', String(piles), ...options],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  await ready(platform);
  const first = await until('the first account', () => firstAccount(join(folder, 'var/access/first_admin')));
  const api = `http://127.0.0.1:${web}`;
  return {
    api,
    base: `${api}/console/`,
    folder,
    mqtt,
    pid: platform.pid ?? 0,
    first,
    async end() {
      const ended = new Promise((answer) => platform.once('exit', answer));
      platform.kill('SIGTERM');
      // A walk that failed may have left it stopped.
      platform.kill('SIGCONT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
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

/** Once the whole line has been written. */
function firstAccount(file: string): Platform['first'] | undefined {
  const [, account, password] = /^(\S+) (\S+)\n/.exec(readFileSync(file, 'utf8')) ?? [];
  return account && password ? { account, password } : undefined;
}

/**
 * Kills a service outright. `pile-ops` starts it again, but not before what is given back has been called: whoever
 * looks at how things are without it has all the time that a busy machine needs.
 */
export function takeAway(platform: Platform, name: string): () => void {
  const pid = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .find((entry) => {
      try {
        const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
        const [, comm, parent] = /\((.*)\) \S (\d+)/.exec(stat) ?? [];
        return comm === name && Number(parent) === platform.pid;
      } catch {
        return false;
      }
    });
  if (!pid) throw new Error(`no ${name} among the children of pile-ops`);
  process.kill(platform.pid, 'SIGSTOP');
  process.kill(Number(pid), 'SIGKILL');
  return () => void process.kill(platform.pid, 'SIGCONT');
}
