import { type ContractName, protocolEvents } from '@openledger/protocol/abi';
import { isAddress } from 'ethers';
import type { ChainEvent, ChainLog } from './chain-log.ts';
import type { GraphqlClient } from './graphql.ts';

export type ActivityReport = { readonly rows: number; readonly types: number; readonly surprises: readonly string[] };

/** Every event of the chain must stand in `activity` once, with the same place and arguments, and nothing else may. */
export async function compareActivity(api: GraphqlClient, log: ChainLog): Promise<ActivityReport> {
  const surprises: string[] = [];
  const types = new Map<string, { contract: string; event: string; onChain: number }>();
  for (const contract of Object.keys(protocolEvents) as ContractName[]) {
    for (const event of protocolEvents[contract]) {
      const onChain = log.of(event, contract).length;
      if (onChain === 0) surprises.push(`${contract}.${event} was never emitted on chain`);
      const name = indexedName(contract);
      const before = types.get(`${name}.${event}`)?.onChain ?? 0;
      types.set(`${name}.${event}`, { contract: name, event, onChain: before + onChain });
    }
  }

  const asked = [...types.values()];
  const [all, ...counts] = await api.counts([
    { list: 'activity' },
    ...asked.map(({ contract, event }) => ({
      list: 'activity',
      filter: { contractName: { eq: contract }, event: { eq: event } },
    })),
  ]);
  if (all !== log.events.length) surprises.push(`activity has ${all} rows for ${log.events.length} events on chain`);
  for (const [index, { contract, event, onChain }] of asked.entries()) {
    if (counts[index] === onChain) continue;
    surprises.push(`${contract}.${event}: ${onChain} on chain, ${counts[index]} in activity`);
  }
  surprises.push(...(await compareRows(api, log)));
  return { rows: all!, types: asked.filter(({ onChain }) => onChain > 0).length, surprises };
}

async function compareRows(api: GraphqlClient, log: ChainLog): Promise<readonly string[]> {
  const rows = await api.rows('activity', 'contractName contract event block transaction logIndex args');
  const indexed = new Map(rows.map((row) => [`${row.transaction} ${row.logIndex} ${row.block}`, row]));
  return log.events.flatMap((event) => {
    const { contract, address, name, transaction, logIndex, block } = event;
    const row = indexed.get(`${transaction} ${logIndex} ${block}`);
    const what = `${contract}.${name} (block ${block}, log ${logIndex})`;
    if (row === undefined) return [`${what} is not in activity`];
    const expected = JSON.stringify([indexedName(contract), address, name, sorted(plainArguments(event))]);
    const found = JSON.stringify([row.contractName, row.contract, row.event, sorted(row.args as object)]);
    return expected === found ? [] : [`${what}: on chain ${expected}, in activity ${found}`];
  });
}

/** The index knows vesting wallets of both kinds by one name. */
function indexedName(contract: ContractName): string {
  return contract === 'LinearVesting' || contract === 'CliffVesting' ? 'VestingWallet' : contract;
}

/** Arguments by name as JSON carries them: integers as digits, addresses in lower case. */
function plainArguments({ args }: ChainEvent): Record<string, unknown> {
  return Object.fromEntries(Object.entries(args.toObject()).map(([name, value]) => [name, plain(value)]));
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return [...value].map(plain);
  return typeof value === 'string' && isAddress(value) ? value.toLowerCase() : value;
}

function sorted(record: object): unknown {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
