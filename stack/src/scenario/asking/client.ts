import { signMessage } from '@openledger/protocol';
import type { Manifest } from '@openledger/protocol/deploy';
import { Wallet } from 'ethers';
import { z } from 'zod';
import { type PersonaName, personaKey } from '../personas.ts';

export type Answer = {
  readonly text: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Wei of OPEN. */
  readonly fee: bigint;
  readonly version: number;
};

/** What the API says when it does not do what was asked. */
export class AskingError extends Error {
  override readonly name = 'AskingError';
  /** `extensions.code`. */
  readonly code: string;
  /** What has to be promised, and to whom, where that is the reason. */
  readonly payment: { readonly worker: string; readonly cumulativeAmount: bigint } | undefined;
  constructor(message: string, code: string, payment: AskingError['payment']) {
    super(message);
    this.code = code;
    this.payment = payment;
  }
}

/** A persona that asks models through the API, signed in with its wallet, and promises to pay when it has to. */
export type Asker = {
  readonly name: PersonaName;
  /** @param modelId 0 for the base alone @throws AskingError, or an Error when the API is not reached */
  ask(modelId: bigint, question: string): Promise<Answer>;
};

export type AskerOptions = { name: PersonaName; apiUrl: string; manifest: Manifest; signal: AbortSignal };

/** How a voucher grows: in steps, so that not every question needs a signature. 2 OPEN. */
const step = 2n * 10n ** 18n;
const day = 86_400n;

export function createAsker({ name, apiUrl, manifest, signal }: AskerOptions): Asker {
  const wallet = new Wallet(personaKey(name));
  let token: string | undefined;

  const request = async (query: string, variables: object): Promise<unknown> => {
    const response = await fetch(`${apiUrl}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
      signal,
    });
    const { data, errors } = reply.parse(await response.json());
    const [error] = errors ?? [];
    if (error === undefined) return data;
    const { code, payment } = error.extensions;
    throw new AskingError(error.message, code, payment);
  };

  const signIn = async (): Promise<void> => {
    token = undefined;
    const asked = await request(messageQuery, { address: wallet.address });
    const { message } = signInMessage.parse(asked).signInMessage;
    const signature = await wallet.signMessage(message);
    token = signedIn.parse(await request(signInQuery, { message, signature })).signIn.token;
  };

  /** Asked again once, where a session or a promise is all that was missing. */
  const ask = async (input: object, attempt = 0): Promise<Answer> => {
    try {
      if (token === undefined) await signIn();
      return inferred.parse(await request(inferQuery, { input })).infer;
    } catch (error) {
      if (!(error instanceof AskingError) || attempt > 1) throw error;
      if (error.payment !== undefined) {
        return ask({ ...input, voucher: await promise(error.payment) }, attempt + 1);
      }
      if (error.code !== 'UNAUTHENTICATED') throw error;
      token = undefined;
      return ask(input, attempt + 1);
    }
  };

  const promise = async ({ worker, cumulativeAmount }: NonNullable<AskingError['payment']>): Promise<object> => {
    const voucher = {
      payer: wallet.address,
      worker,
      cumulativeAmount: (cumulativeAmount / step + 1n) * step,
      expiry: BigInt(Math.floor(Date.now() / 1_000)) + day,
    };
    const scope = { chainId: manifest.chainId, verifyingContract: manifest.contracts.InferenceEscrow };
    const signature = await signMessage(wallet, 'Voucher', scope, voucher);
    const expiry = new Date(Number(voucher.expiry) * 1_000).toISOString();
    return { worker, cumulativeAmount: voucher.cumulativeAmount.toString(), expiry, signature };
  };

  return {
    name,
    ask: (modelId, question) =>
      ask({ modelId: modelId.toString(), messages: [{ role: 'USER', content: question }], ...sampling }),
  };
}

/** Short, a little daring, and without going on to a next question and answer. */
const sampling = { maxTokens: 48, temperature: 0.7, topP: 0.9, frequencyPenalty: 0.4, stop: ['Question:', 'Answer:'] };

const messageQuery = 'mutation($address: Address!) { signInMessage(address: $address) { message } }';
const signInQuery =
  'mutation($message: String!, $signature: Hex!) { signIn(message: $message, signature: $signature) { token } }';
const inferQuery =
  'mutation($input: InferInput!) { infer(input: $input) { text inputTokens outputTokens fee version } }';

const wei = z.string().transform(BigInt);

const reply = z.object({
  data: z.unknown(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z
          .object({
            code: z.string().default('UNKNOWN'),
            payment: z.object({ worker: z.string(), cumulativeAmount: wei }).optional().catch(undefined),
          })
          .default({ code: 'UNKNOWN', payment: undefined }),
      }),
    )
    .optional(),
});
const signInMessage = z.object({ signInMessage: z.object({ message: z.string() }) });
const signedIn = z.object({ signIn: z.object({ token: z.string() }) });
const inferred = z.object({
  infer: z.object({
    text: z.string(),
    inputTokens: z.int(),
    outputTokens: z.int(),
    fee: wei.nullable().transform((fee) => fee ?? 0n),
    version: z.int(),
  }),
});
