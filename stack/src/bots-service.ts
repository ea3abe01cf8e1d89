import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { developmentAccounts } from '@openledger/protocol/chain';
import { nodeService, type Shared } from './node-service.ts';
import type { Run } from './service.ts';

/** Runs the local bots; nobody in the scenario is it. PUBLICLY KNOWN. */
export const localBots = developmentAccounts(40).at(-3)!;
/** The wallet that people without one try the terminal with; it is told nobody else's. PUBLICLY KNOWN. */
export const localVisitor = developmentAccounts(40).at(-4)!;

const file = fileURLToPath(new URL('../../bots/src/main.ts', import.meta.url));

export type BotsOptions = Shared & {
  run: Run;
  stateDir: string;
  /** Tokens and what belongs to them, by their names in the environment. */
  tokens: Readonly<Record<string, string>>;
  port: number;
  signal: AbortSignal | undefined;
};

/**
 * Starts the bots that there are tokens for, and leaves what the terminal needs where only this folder's owner reads it. Where
 * they cannot be started the stack goes on without, and says so.
 */
export async function runBots({ env, log, watchdog, run, stateDir, tokens, port, signal }: BotsOptions): Promise<void> {
  const own = {
    DATABASE_URL: env.DATABASE_URL!,
    API_URL: env.API_URL!,
    BOTS_KEY: localBots.privateKey,
    BOTS_SECRET: env.API_SECRET!,
  };
  const terminal = { ...own, CHAT_WALLET_KEY: localVisitor.privateKey };
  writeFileSync(join(stateDir, 'chat.json'), `${JSON.stringify(terminal, undefined, 2)}\n`, { mode: 0o600 });
  if (!hasBots(tokens)) return;
  try {
    await run(
      nodeService({
        log,
        watchdog,
        name: 'bots',
        file,
        env: { ...env, ...own, ...tokens, BOTS_PORT: String(port) },
        probe: `http://127.0.0.1:${port}/ready`,
      }),
    );
  } catch (error) {
    if (signal?.aborted) throw error;
    log.write('bots', 'error', `${error instanceof Error ? error.message : error} No bot runs.`);
  }
}

export const hasBots = (tokens: Readonly<Record<string, string>>): boolean =>
  tokens.DISCORD_TOKEN !== undefined || tokens.TELEGRAM_TOKEN !== undefined;
