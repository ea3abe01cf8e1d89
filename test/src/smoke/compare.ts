import { setTimeout as sleep } from 'node:timers/promises';
import { developmentAccounts } from '@openledger/protocol/chain';
import type { Manifest } from '@openledger/protocol/deploy';
import { driveProtocol } from '../drive/index.ts';
import { Session } from '../drive/session.ts';
import { compareActivity } from './activity.ts';
import { readChainLog } from './chain-log.ts';
import { compareCounts } from './entity-counts.ts';
import { createGraphqlClient, type GraphqlClient } from './graphql.ts';
import { compareState } from './state.ts';
import { stateChecks } from './state-checks.ts';
import { compareHolders, compareRollups } from './sums.ts';

export type SmokeReport = {
  readonly events_on_chain: number;
  readonly activity_rows: number;
  /** Kinds of event, counted for each contract. */
  readonly event_types: number;
  /** Rows compared with the contracts; sizes of lists and sums compared with the events. */
  readonly entities_checked: number;
  readonly surprises: readonly string[];
};

const indexingTimeoutMs = 120_000;
const tellEveryMs = 5_000;

/** What the comparison needs of a running stack. */
export type Running = {
  readonly urls: { readonly api: string; readonly rpc: string };
  readonly manifest: Manifest;
};

/** Drives the protocol of a running stack through every event. @returns how many transactions that took. */
export async function driveStack({ urls, manifest }: Running, onProgress: (message: string) => void): Promise<number> {
  const accounts = developmentAccounts(40);
  const { transactions } = await driveProtocol({ rpcUrl: urls.rpc, manifest, accounts, onProgress });
  return transactions;
}

/**
 * Waits until the index has reached the chain's head and compares what GraphQL says with the chain.
 * @throws Error when the index does not catch up in two minutes.
 */
export async function compareWithChain(
  { urls, manifest }: Running,
  onProgress: (message: string) => void,
): Promise<SmokeReport> {
  const session = new Session(urls.rpc, manifest);
  try {
    const api = createGraphqlClient(`${urls.api}/graphql`);
    const head = BigInt(await session.provider.getBlockNumber());
    onProgress(`waiting for the index to reach block ${head}`);
    await untilIndexed(api, head, onProgress);
    const log = await readChainLog(session.provider, manifest);

    onProgress(`comparing ${log.events.length} events with activity`);
    const activity = await compareActivity(api, log);
    onProgress('comparing the sizes of the lists with the events');
    const counts = await compareCounts(api, log);
    onProgress('comparing sums and holders');
    const rollups = await compareRollups(api, log);
    const holders = await compareHolders(api, session, log);
    onProgress('comparing every row with the contracts');
    const state = await compareState(api, session, stateChecks);
    const entities = [counts, rollups, holders, state];
    return {
      events_on_chain: log.events.length,
      activity_rows: activity.rows,
      event_types: activity.types,
      entities_checked: entities.reduce((sum, { checked }) => sum + checked, 0),
      surprises: [...log.unknown, ...activity.surprises, ...entities.flatMap(({ surprises }) => surprises)],
    };
  } finally {
    session.provider.destroy();
  }
}

async function untilIndexed(api: GraphqlClient, head: bigint, onProgress: (message: string) => void): Promise<void> {
  const started = Date.now();
  let now = '';
  let told = started;
  while (Date.now() - started < indexingTimeoutMs) {
    const { _meta: meta } = await api.query<{ _meta: { block: string | null; reason: string | null } }>(
      '{ _meta { block reason } }',
    );
    if (meta.block !== null && BigInt(meta.block) >= head) return;
    now = `indexed ${meta.block ?? 'nothing yet'} of ${head}${meta.reason === null ? '' : `: ${meta.reason}`}`;
    if (Date.now() - told > tellEveryMs) {
      onProgress(now);
      told = Date.now();
    }
    await sleep(250);
  }
  throw new Error(`The index did not reach block ${head} within ${indexingTimeoutMs / 1_000} s; ${now}.`);
}
