import { startTestDatabase } from '@openledger/db/testing';
import type { TestProject } from 'vitest/node';
import { seed } from './seed.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A database with `world` in it, shared by all test files: only read it. */
    seededUrl: string;
    /** A database without anything in it. */
    emptyUrl: string;
  }
}

/** One Postgres for all test files. */
export default async function setup(project: TestProject) {
  const postgres = await startTestDatabase();
  const seededUrl = await postgres.create();
  await seed(seededUrl);
  project.provide('seededUrl', seededUrl);
  project.provide('emptyUrl', await postgres.create());
  return () => postgres.stop();
}
