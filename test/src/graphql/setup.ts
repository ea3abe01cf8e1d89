import { seed, startApi } from '@openledger/api/testing';
import { migrate } from '@openledger/db';
import { startTestDatabase } from '@openledger/db/testing';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the API answers, without `/graphql`. */
    apiUrl: string;
  }
}

/** One Postgres with a small, known world in it, and the real API over it, for all test files of this folder. */
export default async function setup(project: TestProject) {
  const postgres = await startTestDatabase();
  const url = await postgres.create();
  await seed(url);
  await migrate(url);
  const api = await startApi(url);
  project.provide('apiUrl', api.url);
  return async () => {
    await api.stop();
    await postgres.stop();
  };
}
