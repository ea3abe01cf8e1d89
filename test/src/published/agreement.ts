import type { Sql } from 'postgres';
import type { Ethereum, L2 } from './stage.ts';

type Row = Record<string, string | null>;

/**
 * Asks the contracts for the state behind every row of the published tables.
 * @returns what differs, as `what: indexed ≠ on chain`, and how many values were compared.
 */
export const disagreements = async (sql: Sql, { ethereum, l2 }: { ethereum: Ethereum; l2: L2 }) => {
  const found: string[] = [];
  let compared = 0;
  const compare = (what: string, indexed: unknown, onChain: unknown) => {
    compared++;
    if (String(indexed).toLowerCase() !== String(onChain).toLowerCase()) found.push(`${what}: ${indexed} ≠ ${onChain}`);
  };
  const rows = (table: string) => sql.unsafe<Row[]>(`select * from chain.${table}`);
  const chainIdOf = { ethereum: String(ethereum.chain.chainId), l2: String(l2.chain.chainId) };
  const look = (name: string, view: string, ...args: unknown[]): Promise<unknown> =>
    name === 'EthereumOpen' ? ethereum.look(name, view, ...args) : l2.look(name as 'L2Wopen', view, ...args);
  const chainOf = (name: string) => (name === 'EthereumOpen' ? chainIdOf.ethereum : chainIdOf.l2);
  const nameAt = new Map([
    [`${chainIdOf.ethereum} ${ethereum.at.EthereumOpen}`, 'EthereumOpen'],
    ...(['L2Wopen', 'L2Gopen'] as const).map((name) => [`${chainIdOf.l2} ${l2.at[name]}`, name] as const),
  ]);

  for (const { chain_id, token, account, balance, votes, delegate } of await rows('published_balance')) {
    const name = nameAt.get(`${chain_id} ${token}`);
    if (name === undefined) throw new Error(`A balance of ${token} on chain ${chain_id}, where no token is`);
    compare(`${name} balance ${account}`, balance, await look(name, 'balanceOf', account));
    const hasVotes = name === 'L2Gopen';
    compare(`${name} votes ${account}`, votes, hasVotes ? await look(name, 'getVotes', account) : 0n);
    const onChain = hasVotes ? String(await look(name, 'delegates', account)) : '0x0';
    compare(`${name} delegate ${account}`, delegate, BigInt(onChain) === 0n ? null : onChain);
  }
  const tokens = await rows('published_token');
  compare('tokens', tokens.length, nameAt.size);
  for (const { chain_id, address, contract_name, total_supply, wrapped, holders, ...counts } of tokens) {
    const name = nameAt.get(`${chain_id} ${address}`)!;
    compare(`${name} name`, contract_name, name);
    compare(`${name} supply`, total_supply, await look(name, 'totalSupply'));
    compare(`${name} wrapped`, wrapped, name === 'EthereumOpen' ? 0n : await l2.balanceOf(name as 'L2Wopen'));
    const [sums] = await sql<Row[]>`
      select sum(balance)::text as balances, (count(*) filter (where balance > 0))::text as holders
      from chain.published_balance where chain_id = ${chain_id!} and token = ${address!}`;
    compare(`${name} holders`, holders, sums?.holders);
    compare(`${name} balances`, sums?.balances, total_supply);
    for (const kind of ['transfer', 'deposit', 'withdrawal']) {
      const [listed] = await sql<Row[]>`
        select count(*)::text as count from chain.published_transfer
        where chain_id = ${chain_id!} and token = ${address!} and kind = ${kind}`;
      compare(`${name} ${kind}s`, counts[`${kind}s`], listed?.count);
    }
  }

  const states = ['created', 'created', 'canceled', 'created', 'created', 'queued', 'expired', 'executed'];
  for (const row of await rows('published_proposal')) {
    const what = `proposal ${row.description}`;
    const ask = (view: string) => l2.look('L2Governor', view, row.proposal_id);
    compare(`${what} chain`, row.chain_id, chainIdOf.l2);
    compare(`${what} status`, row.status, states[Number(await ask('state'))]);
    compare(`${what} proposer`, row.proposer, await ask('proposalProposer'));
    compare(`${what} start`, row.vote_start, await ask('proposalSnapshot'));
    compare(`${what} end`, row.vote_end, await ask('proposalDeadline'));
    // The governor forgets when a proposal was due once it is carried out.
    if (row.status !== 'executed') compare(`${what} eta`, row.eta ?? 0, await ask('proposalEta'));
    compare(`${what} votes`, [row.against_votes, row.for_votes, row.abstain_votes], await ask('proposalVotes'));
  }
  for (const { proposal_id, voter } of await rows('published_vote')) {
    compare(`vote of ${voter}`, true, await l2.look('L2Governor', 'hasVoted', proposal_id, voter));
  }
  const views: Record<string, string> = {
    VOTING_DELAY: 'votingDelay',
    VOTING_PERIOD: 'votingPeriod',
    PROPOSAL_THRESHOLD: 'proposalThreshold',
    QUORUM_NUMERATOR: 'quorumNumerator()',
  };
  const parameters = await rows('published_parameter');
  compare('parameters', parameters.length, Object.keys(views).length);
  for (const { name, value, contract } of parameters) {
    compare(`${name}`, value, await l2.look('L2Governor', views[name!]!));
    compare(`${name} contract`, contract, l2.at.L2Governor);
  }

  const statuses = ['none', 'staked', 'unstake_requested', 'unstaked'];
  const positions = await rows('published_staking');
  compare('positions', positions.length, await l2.look('L2Staking', 'stakings'));
  for (const { staking_id, recipient, amount, staked, topped_up, status } of positions) {
    const [holder, held, state] = (await l2.look('L2Staking', 'positions', staking_id)) as [string, bigint, bigint];
    compare(`position ${staking_id} recipient`, recipient, holder);
    compare(`position ${staking_id} amount`, amount, held);
    compare(`position ${staking_id} status`, status, statuses[Number(state)]);
    if (status !== 'unstaked') compare(`position ${staking_id} sum`, amount, BigInt(staked!) + BigInt(topped_up!));
  }
  const [staked] = await sql<Row[]>`select sum(amount)::text as amount from chain.published_staking`;
  compare('all that is staked', staked?.amount, await l2.balanceOf('L2Staking'));

  const airdrops = new Map([
    [l2.at.L2Airdrop, 'L2Airdrop'],
    [l2.at.secondAirdrop, 'secondAirdrop'],
  ] as const);
  for (const { airdrop, batch, account, amount } of await rows('published_airdrop_claim')) {
    const name = airdrops.get(airdrop!)!;
    compare(`claim of ${account} at ${name}`, amount, await l2.look(name, 'claimed', batch, account));
  }

  for (const [chainId, stage] of [[chainIdOf.ethereum, ethereum] as const, [chainIdOf.l2, l2] as const]) {
    const logs = await stage.chain.call<unknown[]>('eth_getLogs', [
      { address: Object.values(stage.at), fromBlock: '0x0', toBlock: 'latest' },
    ]);
    const [told] = await sql<Row[]>`
      select count(*)::text as count from chain.activity where chain_id = ${chainId}`;
    compare(`activity of chain ${chainId}`, told?.count, logs.length);
  }
  compare('chains of tokens', [...new Set(tokens.map(({ contract_name }) => chainOf(contract_name!)))].length, 2);
  return { found, compared };
};

/** Every row that is of a chain, table by table. */
export const rowsOfChain = async (sql: Sql, chainId: number): Promise<Record<string, string[]>> => {
  const rows: Record<string, string[]> = {};
  for (const table of await tablesOf(sql, true)) {
    rows[table] = await rowsOf(sql, `${table} t where chain_id = ${chainId}`);
  }
  return rows;
};

/** Every row of the tables that know no chain but the protocol's. */
export const protocolRows = async (sql: Sql): Promise<Record<string, string[]>> => {
  const rows: Record<string, string[]> = {};
  for (const table of await tablesOf(sql, false)) rows[table] = await rowsOf(sql, `${table} t`);
  return rows;
};

const rowsOf = async (sql: Sql, from: string) =>
  (await sql.unsafe<{ row: string }[]>(`select t::text as row from chain.${from} order by 1`)).map(({ row }) => row);

const tablesOf = async (sql: Sql, withChain: boolean) => {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.columns
    where table_schema = 'chain' and table_name not like '\\_%'
    group by 1 having bool_or(column_name = 'chain_id') = ${withChain} order by 1`;
  return tables.map(({ name }) => name);
};
