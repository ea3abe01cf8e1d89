import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signMessage } from '@openledger/protocol';
import { modelRegistryAbi } from '@openledger/protocol/abi';
import { developmentAccounts } from '@openledger/protocol/chain';
import type { Manifest } from '@openledger/protocol/deploy';
import { Contract, type JsonRpcProvider, Wallet } from 'ethers';
import { nodeService, type Shared } from './node-service.ts';
import { personaKey } from './scenario/personas.ts';
import type { Run } from './service.ts';

/** The last but one of the accounts that a local chain funds with ether; nobody in the scenario is it. PUBLICLY KNOWN. */
export const localWorker = developmentAccounts(40).at(-2)!;

const file = fileURLToPath(new URL('../../gpu-worker/src/main.ts', import.meta.url));

/**
 * Registers the local worker, run by odile, at an endpoint; the chain must mine at once. The worker's own key signs answers
 * and nothing else, so that whoever steals it does not get what it earns.
 */
export async function outfitWorker(provider: JsonRpcProvider, manifest: Manifest, endpoint: string): Promise<void> {
  const worker = new Wallet(localWorker.privateKey, provider);
  const operator = new Wallet(personaKey('odile'), provider);
  const address = manifest.contracts.ModelRegistry;
  const registry = new Contract(address, modelRegistryAbi, operator);
  const past = await registry.queryFilter(registry.filters.WorkerRegistered!(worker.address), 0, 'latest');
  const last = past.at(-1);
  if (last !== undefined) {
    const registered = registry.interface.parseLog(last);
    if (registered?.args.endpoint === endpoint) return;
    await (await registry.getFunction('setEndpoint').send(worker.address, endpoint)).wait();
    return;
  }
  const block = await provider.getBlock('latest');
  const deadline = BigInt(block!.timestamp + 3_600);
  const nonce = (await registry.getFunction('nonces')(worker.address)) as bigint;
  const scope = { chainId: manifest.chainId, verifyingContract: address };
  const consent = { worker: worker.address, operator: operator.address, nonce, deadline };
  const signature = await signMessage(worker, 'WorkerConsent', scope, consent);
  const register = registry.getFunction('registerWorkerWithConsent');
  await (await register.send(worker.address, endpoint, deadline, signature)).wait();
}

export type WorkerServiceOptions = Shared & {
  run: Run;
  stateDir: string;
  port: number;
  url: string;
  /** What is answered is paid, and on chain, while one looks on: within so many seconds each. */
  paySeconds: number;
  signal: AbortSignal | undefined;
};

/** Serves models. Where it cannot be started the stack goes on without, and says so. */
export async function runWorker(options: WorkerServiceOptions): Promise<void> {
  const { env, log, watchdog, run, stateDir, port, url, paySeconds, signal } = options;
  try {
    await run(
      nodeService({
        log,
        watchdog,
        name: 'worker',
        file,
        env: {
          ...env,
          WORKER_KEY: localWorker.privateKey,
          WORKER_PORT: String(port),
          WORKER_URL: url,
          WORKER_CACHE_DIR: join(stateDir, 'adapters'),
          // The rest of the stack wants to compute too.
          WORKER_THREADS: String(Math.max(1, Math.min(16, availableParallelism() >> 1))),
          WORKER_SETTLE_SECONDS: String(paySeconds),
          WORKER_POST_SECONDS: String(paySeconds),
          // What is public and free can be tried without an account, and adapters be fetched from servers of this machine.
          WORKER_ACCESS: 'open',
          WORKER_ALLOW_PRIVATE: 'on',
        },
        probe: `${url}/ready`,
      }),
    );
  } catch (error) {
    if (signal?.aborted) throw error;
    log.write('worker', 'error', `${error instanceof Error ? error.message : error} No model is served.`);
  }
}
