import { migrate } from '@openledger/db';
import { createTestDatabase, type TestDatabase } from '@openledger/db/testing';
import type { LocalAccount } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import type { Answer, TestApi } from './client.ts';
import { seed } from './seed.ts';

/** A database of a test file's own, with `world` in schema `chain` and this version's schema `app`. */
export async function createWritableDatabase(serverUrl: string): Promise<TestDatabase> {
  const database = await createTestDatabase(serverUrl);
  await Promise.all([seed(database.url), migrate(database.url)]);
  return database;
}

/** An account that is signed in. */
export type SignedIn = {
  readonly account: LocalAccount;
  readonly token: string;
  readonly ask: (query: string, variables?: Record<string, unknown>) => Promise<Answer & { status: number }>;
  /** Asks, and returns the data; throws what errors came instead. */
  readonly data: <T = Record<string, never>>(query: string, variables?: Record<string, unknown>) => Promise<T>;
};

/** What a token may ask, of a session or a key. */
export function asking(api: TestApi, token: string): Pick<SignedIn, 'ask' | 'data'> {
  const headers = { authorization: `Bearer ${token}` };
  return {
    ask: (query, variables) => api.ask(query, variables, headers),
    data: async <T>(query: string, variables?: Record<string, unknown>) => {
      const answer = await api.ask(query, variables, headers);
      if (answer.errors) throw new Error(`${answer.errors[0]?.message} in ${query}`);
      return answer.data as T;
    },
  };
}

/** Signs an account in as a wallet does: a new one, or the one given. */
export async function signIn(api: TestApi, account: LocalAccount = newAccount()): Promise<SignedIn> {
  const { signInMessage } = await api.data<{ signInMessage: { message: string } }>(
    'mutation($address: Address!) { signInMessage(address: $address) { message } }',
    { address: account.address },
  );
  const { message } = signInMessage;
  const signature = await account.signMessage({ message });
  const answer = await api.data<{ signIn: { token: string } }>(
    'mutation($message: String!, $signature: Hex!) { signIn(message: $message, signature: $signature) { token } }',
    { message, signature },
  );
  const { token } = answer.signIn;
  return { account, token, ...asking(api, token) };
}

export function newAccount(): LocalAccount {
  return privateKeyToAccount(generatePrivateKey());
}
