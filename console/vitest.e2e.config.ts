/** The walks of the real product in a real browser: `make test-console`. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['e2e/**/*.test.ts'],
    fileParallelism: false,
    // A whole platform starts, on a machine that may be busy.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
