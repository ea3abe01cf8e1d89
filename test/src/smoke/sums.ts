import { ZeroAddress } from 'ethers';
import type { Session } from '../drive/session.ts';
import type { ChainLog } from './chain-log.ts';
import type { GraphqlClient, Row } from './graphql.ts';
import type { StateReport } from './state.ts';

/** What a rollup counts, and how the chain's events add up to it. */
type Counter = readonly [field: string, onChain: (log: ChainLog) => bigint];

const counters: readonly Counter[] = [
  ['events', (log) => BigInt(log.events.length)],
  ['datanetsCreated', number('DatanetCreated')],
  ['contributionsSubmitted', number('ContributionSubmitted')],
  ['contributionsAccepted', number('ContributionAccepted')],
  ['contributionsRejected', number('ContributionRejected')],
  ['contributionsRevoked', number('ContributionRevoked')],
  ['scores', number('ContributionScored')],
  ['datanetVersions', number('DatanetVersionPublished')],
  ['modelsRegistered', number('ModelRegistered')],
  ['modelVersions', number('ModelVersionPublished')],
  ['deployments', number('AdapterDeployed')],
  ['undeployments', number('AdapterUndeployed')],
  ['inferences', number('InferenceSettled')],
  ['inTokens', sum('InferenceSettled', 'inTokens')],
  ['outTokens', sum('InferenceSettled', 'outTokens')],
  ['fees', sum('InferenceSettled', 'fee')],
  ['claims', number('Claimed')],
  ['claimed', sum('Claimed', 'amount')],
  ['deposited', sum('Deposited', 'amount')],
  ['staked', sum('RoleStaked', 'amount')],
  ['slashed', sum('Slashed', 'amount')],
  ['disputes', number('DisputeRaised')],
  ['votes', (log) => number('VoteCast')(log) + number('VoteCastWithParams')(log)],
];

/** The rollups of all hours, and of all days, must add up to what happened on chain. */
export async function compareRollups(api: GraphqlClient, log: ChainLog): Promise<StateReport> {
  const surprises: string[] = [];
  const fields = counters.map(([field]) => field).join(' ');
  for (const interval of ['HOUR', 'DAY']) {
    const { rollups } = await api.query<{ rollups: readonly Row[] }>(
      `{ rollups: protocolRollups(interval: ${interval}) { ${fields} } }`,
    );
    for (const [field, onChain] of counters) {
      const found = rollups.reduce((total, row) => total + BigInt(String(row[field])), 0n);
      if (found === onChain(log)) continue;
      surprises.push(`${field}: the rollups by ${interval} add up to ${found}, the chain's events to ${onChain(log)}`);
    }
  }
  return { checked: 2 * counters.length, surprises };
}

/** Every holder must be listed: the listed balances add up to the supply, and their number is the token's. */
export async function compareHolders(api: GraphqlClient, session: Session, log: ChainLog): Promise<StateReport> {
  const surprises: string[] = [];
  const tokens = ['Open', 'GOPEN'] as const;
  const balances = await api.rows('tokenBalances', 'tokenAddress balance');
  for (const contract of tokens) {
    const address = session.address(contract);
    const listed = balances.filter(({ tokenAddress }) => tokenAddress === address);
    const total = listed.reduce((added, { balance }) => added + BigInt(String(balance)), 0n);
    const supply: bigint = await session.view(contract, 'totalSupply');
    if (total !== supply)
      surprises.push(`${contract}: the listed balances add up to ${total}, the supply is ${supply}`);

    const touched = new Set(log.of('Transfer', contract).flatMap(({ args }) => [args.from, args.to] as string[]));
    touched.delete(ZeroAddress);
    const held: readonly bigint[] = await Promise.all(
      [...touched].map((holder) => session.view(contract, 'balanceOf', [holder])),
    );
    const holders = held.filter((balance) => balance > 0n).length;
    const { token } = await api.query<{ token: Row }>(`{ token(address: "${address}") { holderCount } }`);
    if (token.holderCount !== holders) {
      surprises.push(`${contract}: ${holders} holders on chain, ${token.holderCount} in GraphQL`);
    }
  }
  return { checked: 2 * tokens.length, surprises };
}

function number(event: string): (log: ChainLog) => bigint {
  return (log) => BigInt(log.of(event).length);
}

function sum(event: string, argument: string): (log: ChainLog) => bigint {
  return (log) => log.of(event).reduce((total, { args }) => total + BigInt(args[argument]), 0n);
}
