import type { Sql } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import { modelRegistryAbi } from '@openledger/protocol/abi';
import { Contract, formatEther, isError, type Provider, Wallet } from 'ethers';

export type ChainWorkerOptions = {
  readonly provider: Provider;
  /** Where `ModelRegistry` stands. */
  readonly modelRegistry: Hex;
  /** The worker's private key. */
  readonly key: string;
  /** URL at which the worker is reached. */
  readonly endpoint: string;
  /** Holds what the indexer says of the worker. */
  readonly sql: Sql;
};

/** How a worker stands on chain. */
export type ChainStanding =
  | { readonly is: 'registered'; readonly operator: Hex; readonly sent: Hex | undefined }
  /** Somebody else must act, or the key must be able to pay. `operator`: of a worker that is registered, elsewhere. */
  | { readonly is: 'unable'; readonly operator: Hex | undefined; readonly why: string };

const nobody = `0x${'0'.repeat(40)}`;

/** A transaction that is not in a block after this long is told of. */
const WAIT_MS = 120_000;

/**
 * Sees to it that the chain has the worker with its endpoint, as far as its own key may and can pay.
 *
 * @throws when the chain or the database does not answer
 */
export const ensureRegistered = async (options: ChainWorkerOptions): Promise<ChainStanding> => {
  const { provider, modelRegistry, key, endpoint, sql } = options;
  const wallet = new Wallet(key, provider);
  const worker = wallet.address.toLowerCase() as Hex;
  const registry = new Contract(modelRegistry, modelRegistryAbi as never, wallet);
  const operator = ((await registry.getFunction('operatorOf')(worker)) as string).toLowerCase() as Hex;
  if (operator !== nobody) {
    // The chain keeps endpoints in events alone. Where the indexer is behind, the same is announced once more.
    const [known] = await sql<{ endpoint: string }[]>`select endpoint from chain.worker where address = ${worker}`;
    if (known?.endpoint === endpoint) return { is: 'registered', operator, sent: undefined };
    if (operator !== worker) {
      const why = `The chain has this worker at ${known?.endpoint ?? 'another endpoint'}; its operator ${operator} may call setEndpoint(${worker}, "${endpoint}")`;
      return { is: 'unable', operator, why };
    }
  }
  const register = registry.getFunction('registerWorker');
  try {
    const sent = await register(endpoint);
    await sent.wait(1, WAIT_MS);
    return { is: 'registered', operator: worker, sent: sent.hash as Hex };
  } catch (error) {
    if (!isError(error, 'INSUFFICIENT_FUNDS')) throw error;
    const balance = formatEther(await provider.getBalance(worker));
    const why = `The worker's account ${worker} has ${balance} of the chain's coin, which does not pay for registering; send it some, or register it as its operator (registerWorkerWithConsent)`;
    return { is: 'unable', operator: operator === nobody ? undefined : operator, why };
  }
};
