/** Piles beside those of `pile-ops`, which the walk can switch off and on, or give a program that is bad. */
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { program } from './places';
import type { Platform } from './platform';

/** They register with the contract that `pile-ops` lets in without approval. */
const CONTRACT = '模拟桩';

export class Fleet {
  private running: ChildProcess | null = null;

  /** `name` is what their factory numbers begin with; nothing runs yet. */
  constructor(
    private readonly platform: Platform,
    private readonly name: string,
    private readonly options: string[],
    private readonly contract = CONTRACT,
  ) {}

  /** Switches them on: the same piles as before, if they were on already. */
  on(): void {
    const log = openSync(join(this.platform.folder, `${this.name}.log`), 'a');
    const fixed = ['--quiet', '--register', '--contract', this.contract, '--sn-prefix', this.name];
    const credentials = ['--credentials', join(this.platform.folder, `${this.name}.credentials`)];
    const broker = ['--brokers', `127.0.0.1:${this.platform.mqtt}`];
    this.running = spawn(program('tcu_sim'), [...fixed, ...credentials, ...broker, ...this.options], {
      stdio: ['ignore', log, log],
    });
  }

  /** Switches them off as a power cut does. */
  async off(): Promise<void> {
    const { running } = this;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((answer) => running.once('exit', answer));
    running.kill('SIGKILL');
    await ended;
    this.running = null;
  }
}
