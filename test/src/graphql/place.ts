import { seed, seedCommunity, signIn, startApi } from '@openledger/api/testing';
import { migrate } from '@openledger/db';
import { startTestDatabase } from '@openledger/db/testing';

export type Place = {
  /** Where the API answers, without `/graphql`. */
  readonly url: string;
  readonly databaseUrl: string;
  /** Of an account that is signed in. */
  readonly token: string;
  readonly stop: () => Promise<void>;
};

/**
 * A Postgres and the real API over it. In it is either `world`, with every kind of row and the largest numbers, or
 * `community`, small and sound as a reader of the docs would meet it.
 */
export async function openPlace(what: 'world' | 'community' = 'world'): Promise<Place> {
  const postgres = await startTestDatabase();
  try {
    const databaseUrl = await postgres.create();
    if (what === 'community') await seedCommunity(databaseUrl);
    else await Promise.all([seed(databaseUrl), migrate(databaseUrl)]);
    const api = await startApi(databaseUrl);
    const { token } = await signIn(api);
    const stop = async () => {
      await api.stop();
      await postgres.stop();
    };
    return { url: api.url, databaseUrl, token, stop };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
