/** The API as tests of other packages start it: the real server over a database with a small, known world in it. */
export { type Answer, startApi, type TestApi } from './client.ts';
export { chainDdl, checkpointOf } from './ddl.ts';
export { seed } from './seed.ts';
