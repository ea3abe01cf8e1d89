import type { TestProject } from 'vitest/node';
import { startTestDatabase } from './testing.ts';

/** Vitest's global setup: one server for the whole run, its URL as `inject('postgresUrl')`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestDatabase();
  project.provide('postgresUrl', server.url);
  return server.stop;
}
