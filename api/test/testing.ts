/** The API as tests of other packages start it: the real server over a database with a small, known world in it. */

export { chainDdl, checkpointOf } from '@openledger/db/testing';
export { asking, type SignedIn, signIn } from './account.ts';
export { type Answer, startApi, type TestApi } from './client.ts';
export { seed } from './seed.ts';
export { seedCommunity } from './seed-community.ts';
export { startWorker, type TestWorker } from './worker.ts';
