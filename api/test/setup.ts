import type { TestProject } from 'vitest/node';
import { startTestPostgres } from './postgres.ts';
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
  const postgres = await startTestPostgres();
  const seededUrl = await postgres.createDatabase('seeded');
  await seed(seededUrl);
  project.provide('seededUrl', seededUrl);
  project.provide('emptyUrl', await postgres.createDatabase('empty'));
  return () => postgres.stop();
}
