import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    // Each file starts a chain of its own; the machine has few cores.
    fileParallelism: false,
    testTimeout: 60_000,
  },
});
