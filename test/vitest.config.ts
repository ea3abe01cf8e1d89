import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'rooms',
          include: ['src/**/*.test.ts'],
          exclude: ['src/graphql/**', 'src/bots/**', 'src/pages/**'],
          // Each file starts a chain, and some an indexer, which mostly wait: two of them share two cores.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
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
          include: ['src/graphql/**/*.test.ts', 'src/bots/**/*.test.ts', 'src/pages/**/*.test.ts'],
          // One Postgres and one API for all of them: nothing here writes to the chain's tables.
          globalSetup: './src/graphql/setup.ts',
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
