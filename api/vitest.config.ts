import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Vite would take the module build of graphql and Node the other one, and two of them do not mix.
  resolve: { alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }] },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: './test/setup.ts',
    // The machine has few cores, and one Postgres serves every file.
    fileParallelism: false,
    // The schema takes seconds to build, and nothing changes it: one for all files.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
