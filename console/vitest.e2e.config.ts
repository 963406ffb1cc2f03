/** What needs a real browser: the walks of the real product, the pictures of its pages, the benchmark. By `--mode`. */
import { defineConfig } from 'vitest/config';

/** Where each has its files, and what is started once for all of them. */
const MODES: Record<string, { include: string[]; globalSetup?: string }> = {
  short: { include: ['e2e/short.test.ts'], globalSetup: 'e2e/world/setup.ts' },
  walk: { include: ['e2e/**/*.test.ts'], globalSetup: 'e2e/world/setup.ts' },
  pictures: { include: ['pictures/**/*.test.ts'], globalSetup: 'e2e/world/setup.ts' },
  bench: { include: ['bench/**/*.test.ts'] },
};

export default defineConfig(({ mode }) => ({
  test: {
    ...(MODES[mode] ?? MODES.walk),
    fileParallelism: false,
    // A whole platform starts, on a machine that may be busy.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // What they print is meant for people, as it comes.
    disableConsoleIntercept: true,
    reporters: mode === 'bench' ? ['dot'] : ['verbose'],
  },
}));
