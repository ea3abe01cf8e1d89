import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog, type Stack, startStack } from '@openledger/stack';
import { createAsker } from '@openledger/stack/asking';
import { compareWithChain, driveStack, type SmokeReport } from './compare.ts';
import { goRound, type LoopReport } from './loop/loop.ts';

const day = 86_400n;

/**
 * Boots the whole stack from empty state on free ports, drives the protocol through every event, goes once round from a
 * contribution to its pay with the stack's own services, and compares what GraphQL says with the chain. Stops what it started and deletes its state, whatever happened.
 * @param signal gives up.
 * @throws Error when the stack does not start, a transaction is refused, or the index does not catch up.
 */
export async function runSmoke(
  onProgress: (message: string) => void,
  signal: AbortSignal,
): Promise<SmokeReport & LoopReport> {
  const stateDir = await mkdtemp(join(tmpdir(), 'openledger-smoke-'));
  // The database may run as a user of its own, who must be able to reach its folder.
  await chmod(stateDir, 0o755);
  let stack: Stack | undefined;
  try {
    onProgress(`starting the stack in ${stateDir}`);
    stack = await startStack({
      stateDir,
      databaseUrl: undefined,
      ports: { api: 0, chain: 0, indexer: 0, relayer: 0, worker: 0, epochs: 0, database: 0 },
      scenario: false,
      logLevel: 'warn',
      blockTime: 1,
      // The driver passes the investors' cliff, a year after genesis, and still ends before today.
      chainAge: 600n * day,
      // Whoever drives closes epochs, and would be in its way.
      keepsEpochs: false,
      log: createLog({ folder: join(stateDir, 'logs'), level: 'warn', print: onProgress, color: false }),
      signal,
    });
    onProgress(`the stack answers at ${stack.urls.api}`);
    await askOnce(stack, onProgress, signal);
    return await Promise.race([driveAndCompare(stack, { stateDir, onProgress, signal }), failure(stack, signal)]);
  } finally {
    onProgress('stopping the stack');
    await stack?.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

/** Asks the base, signed in, through the API. @throws Error when there is no answer. */
async function askOnce(stack: Stack, onProgress: (message: string) => void, signal: AbortSignal): Promise<void> {
  const asker = createAsker({ name: 'pia', apiUrl: stack.urls.api, manifest: stack.manifest, signal });
  const { text, inputTokens, outputTokens } = await asker.ask(0n, 'How is it installed?');
  if (outputTokens === 0) throw new Error('The base answered nothing.');
  onProgress(`the worker answered ${inputTokens} tokens with ${outputTokens}: ${JSON.stringify(text.slice(0, 60))}`);
}

type Round = { stateDir: string; onProgress: (message: string) => void; signal: AbortSignal };

async function driveAndCompare(stack: Stack, round: Round): Promise<SmokeReport & LoopReport> {
  round.onProgress(`${await driveStack(stack, round.onProgress)} transactions sent`);
  const loop = await goRound(stack, round);
  const compared = await compareWithChain(stack, round.onProgress);
  return { ...compared, ...loop, surprises: [...loop.surprises, ...compared.surprises] };
}

/** Rejects when a part of the stack cannot be kept running, or when somebody interrupts. */
async function failure({ failed }: Stack, signal: AbortSignal): Promise<never> {
  const interrupted = new Promise<Error>((resolve) => {
    signal.addEventListener('abort', () => resolve(new Error('interrupted')), { once: true });
  });
  throw await Promise.race([failed, interrupted]);
}
