import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Stage } from './stage.ts';

export type RunningRelayer = { readonly output: () => string; readonly stop: () => Promise<void> };

/** The relayer as its own process, on this stage. */
export function startRelayer({ databaseUrl, contractsFile, rpcUrl, relayer }: Stage): RunningRelayer {
  const main = fileURLToPath(new URL('../../../../api/src/relay/main.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [main], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: databaseUrl,
      CONTRACTS_FILE: contractsFile,
      CHAIN_RPC_URL: rpcUrl,
      RELAYER_KEY: relayer.privateKey,
      RELAYER_POLL_MS: '100',
      RELAYER_FINALITY_BLOCKS: '2',
      API_SECRET: '5e'.repeat(32),
      LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'exit');
  return {
    output: () => output,
    stop: async () => {
      if (child.exitCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}
