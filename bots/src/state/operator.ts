import { Wallet } from 'ethers';
import { z } from 'zod';
import { type Api, ApiError } from '../core/api/client.ts';
import { createApi } from '../core/api/http.ts';

const asked = z.object({ signInMessage: z.object({ message: z.string() }) });
const signedIn = z.object({ signIn: z.object({ token: z.string() }) });

/**
 * The public API in the name of the account that runs the bot: it signs in with its key, and again whenever the session is
 * over.
 *
 * @param key private key of an account that the API's operator named in CHAT_OPERATORS; never logged
 */
export const createOperator = (apiUrl: string, key: string): Api => {
  const wallet = new Wallet(key);
  const nobody = createApi(apiUrl);
  let session: Promise<Api> | undefined;
  const signIn = async (): Promise<Api> => {
    const { signInMessage } = await nobody.ask(
      'mutation($address: Address!) { signInMessage(address: $address) { message } }',
      asked,
      { address: wallet.address },
    );
    const { message } = signInMessage;
    const signature = await wallet.signMessage(message);
    const { signIn: made } = await nobody.ask(
      'mutation($message: String!, $signature: Hex!) { signIn(message: $message, signature: $signature) { token } }',
      signedIn,
      { message, signature },
    );
    return createApi(apiUrl, made.token);
  };
  const current = (): Promise<Api> => {
    session ??= signIn().catch((error: unknown) => {
      session = undefined;
      throw error;
    });
    return session;
  };
  /** Once more with a new session, where the old one is over. */
  const again = async <Result>(act: (api: Api) => Promise<Result>): Promise<Result> => {
    const used = current();
    try {
      return await act(await used);
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'UNAUTHENTICATED')) throw error;
      if (session === used) session = undefined;
      return act(await current());
    }
  };
  return {
    ask: (query, answer, variables) => again((api) => api.ask(query, answer, variables)),
    upload: (file) => again((api) => api.upload(file)),
    follow: async function* (query, answer, variables, options) {
      yield* (await current()).follow(query, answer, variables, options);
    },
  };
};
