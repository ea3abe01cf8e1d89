import type { TestProject } from 'vitest/node';
import { openPlace } from './place.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the API answers, without `/graphql`. */
    apiUrl: string;
    /** Of an account that is signed in. */
    token: string;
  }
}

/** One Postgres and one API for all test files of this folder. */
export default async function setup(project: TestProject) {
  const { url, token, stop } = await openPlace();
  project.provide('apiUrl', url);
  project.provide('token', token);
  return stop;
}
