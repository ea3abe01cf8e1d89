import { fileURLToPath } from 'node:url';
import { nodeService, type Shared } from './node-service.ts';
import { personaKey } from './scenario/personas.ts';
import type { Run } from './service.ts';

const file = fileURLToPath(new URL('../../gpu-worker/src/settlement/epochs/main.ts', import.meta.url));

export type EpochsServiceOptions = Shared & { run: Run; port: number; url: string; signal: AbortSignal | undefined };

/** Closes epochs and proposes what they pay, in rhea's name. Where it cannot be started the stack goes on without, and says so. */
export async function runEpochs({ env, log, watchdog, run, port, url, signal }: EpochsServiceOptions): Promise<void> {
  try {
    await run(
      nodeService({
        log,
        watchdog,
        name: 'epochs',
        file,
        env: {
          ...env,
          EPOCHS_KEY: personaKey('rhea'),
          EPOCHS_PORT: String(port),
          // A local chain takes nothing back, and nobody wants to wait for it.
          EPOCHS_CONFIRMATIONS: '1',
          EPOCHS_GRACE_SECONDS: '60',
          EPOCHS_POLL_MS: '3000',
        },
        probe: `${url}/health`,
      }),
    );
  } catch (error) {
    if (signal?.aborted) throw error;
    log.write('epochs', 'error', `${error instanceof Error ? error.message : error} No epoch is closed.`);
  }
}
