import { defineConfig } from 'vitest/config';

// Each file runs a chain and an indexer; one at a time is as fast on two cores.
export default defineConfig({
  test: { globalSetup: './test/servers.ts', fileParallelism: false, testTimeout: 60_000, hookTimeout: 60_000 },
});
