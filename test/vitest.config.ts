import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

/** Vite would take the module build of graphql and Node the other one, and two of them do not mix. */
const alias = [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }];

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
        resolve: { alias },
        test: {
          name: 'graphql',
          include: ['src/graphql/**/*.test.ts'],
          // One Postgres and one API for all of them: nothing here writes to the chain's tables.
          globalSetup: './src/graphql/setup.ts',
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'chats',
          include: ['src/bots/**/*.test.ts', 'src/pages/**/*.test.ts'],
          // Each file has a chain, an API and bots of its own, which wait for one another more than they compute.
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
