import { seed, signIn, startApi } from '@openledger/api/testing';
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

/** A Postgres with a small, known world in it, and the real API over it. */
export async function openPlace(): Promise<Place> {
  const postgres = await startTestDatabase();
  try {
    const databaseUrl = await postgres.create();
    await seed(databaseUrl);
    await migrate(databaseUrl);
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
