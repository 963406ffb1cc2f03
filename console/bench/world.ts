/** The large database and the web server over it, as `bench console-world` starts them. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { program } from '../e2e/world/places';

export interface World {
  base: string;
  account: string;
  password: string;
  assets: number;
  /** The station whose guns change, how many they are, and how many change per second. */
  station: number;
  guns: number;
  updates: number;
  end(): Promise<void>;
}

/** Options of `bench console-world`, such as `--full`, in OPS_BENCH_WORLD. */
export async function startWorld(): Promise<World> {
  const options = (process.env.OPS_BENCH_WORLD ?? '--full').split(' ').filter(Boolean);
  const world = spawn(program('bench', 'release'), ['console-world', ...options], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((answer) => world.once('exit', answer));
  const there = await new Promise<Omit<World, 'end'>>((answer, refuse) => {
    world.once('error', refuse);
    world.once('exit', (code) => refuse(new Error(`bench console-world ended with ${code}`)));
    createInterface(world.stdout).on('line', (line) => {
      if (line.startsWith('world ')) answer(JSON.parse(line.slice(6)));
      else console.log(`  ${line}`);
    });
  });
  return {
    ...there,
    async end() {
      world.stdin.end();
      await ended;
    },
  };
}
