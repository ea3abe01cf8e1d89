import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Each file starts a chain of its own; the machine has few cores.
    fileParallelism: false,
    projects: [
      {
        test: {
          name: 'rooms',
          include: ['src/**/*.test.ts'],
          exclude: ['src/graphql/**', 'src/bots/**'],
          testTimeout: 60_000,
        },
      },
      {
        // Vite would take the module build of graphql and Node the other one, and two of them do not mix.
        resolve: {
          alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }],
        },
        test: {
          name: 'graphql',
          include: ['src/graphql/**/*.test.ts', 'src/bots/**/*.test.ts'],
          // One Postgres and one API for all of them: nothing here writes to the chain's tables.
          globalSetup: './src/graphql/setup.ts',
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
