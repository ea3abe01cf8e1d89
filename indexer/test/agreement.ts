import type { Sql } from 'postgres';
import { type Hex, hexToBigInt, keccak256, stringToHex } from 'viem';
import type { Stage } from './play.ts';

type Row = Record<string, string>;

/**
 * Asks the contracts for the state behind every row they can still tell about.
 * @returns what differs, as `table id column: indexed ≠ on chain`; nothing when the index tells the truth.
 */
export const disagreements = async (sql: Sql, s: Stage): Promise<string[]> => {
  const found: string[] = [];
  const compare = (what: string, indexed: unknown, onChain: unknown) => {
    if (String(indexed).toLowerCase() !== String(onChain).toLowerCase()) found.push(`${what}: ${indexed} ≠ ${onChain}`);
  };
  const rows = (table: string) => sql.unsafe<Row[]>(`select * from chain.${table}`);
  const { contracts, vesting } = s.manifest;

  const logs = await s.chain.getLogs({
    address: [...Object.values(contracts), ...vesting.map(({ address }) => address)],
    fromBlock: 0n,
  });
  const activities = await rows('activity');
  compare('activity count', activities.length, logs.length);
  const logged = new Set(logs.map(({ transactionHash, logIndex }) => `${transactionHash}/${logIndex}`));
  for (const { tx_hash, log_index, id, event } of activities) {
    if (!logged.has(`${tx_hash}/${log_index}`)) found.push(`activity ${id} ${event}: no such log on chain`);
  }

  for (const { token, account, balance, votes, delegate } of await rows('token_balance')) {
    const name = token === contracts.Open ? 'Open' : 'GOPEN';
    compare(`${name} balance ${account}`, balance, await s.look(name, 'balanceOf', account));
    if (name === 'Open') continue;
    compare(`GOPEN votes ${account}`, votes, await s.look('GOPEN', 'getVotes', account));
    const onChain = await s.look<Hex>('GOPEN', 'delegates', account);
    compare(`GOPEN delegate ${account}`, delegate, hexToBigInt(onChain) === 0n ? null : onChain);
  }
  for (const { symbol, total_supply, holders, address } of await rows('token')) {
    const name = address === contracts.Open ? 'Open' : 'GOPEN';
    compare(`${symbol} supply`, total_supply, await s.look(name, 'totalSupply'));
    const [held] = await sql`select count(*) from chain.token_balance where token = ${address ?? ''} and balance > 0`;
    compare(`${symbol} holders`, holders, held?.count);
  }

  const contributionStatuses = ['none', 'pending', 'accepted', 'rejected', 'revoked'];
  for (const { id, status, rows: count, commits, scores, contributor } of await rows('contribution')) {
    const c = await s.look<Record<string, unknown>>('DatanetRegistry', 'contribution', BigInt(id ?? 0));
    compare(`contribution ${id} status`, status, contributionStatuses[Number(c.status)]);
    compare(`contribution ${id} rows`, count, c.rows);
    compare(`contribution ${id} commits`, commits, c.commits);
    compare(`contribution ${id} scores`, scores, c.reveals);
    compare(`contribution ${id} contributor`, contributor, c.contributor);
  }
  for (const row of await rows('datanet')) {
    const d = await s.look<Record<string, unknown>>('DatanetRegistry', 'datanet', BigInt(row.id ?? 0));
    compare(`datanet ${row.id} accepted`, row.accepted, d.accepted);
    compare(`datanet ${row.id} rows`, row.rows, d.acceptedRows);
    compare(`datanet ${row.id} version`, row.latest_version, d.versions);
    compare(`datanet ${row.id} quorum`, row.quorum, d.quorum);
    compare(`datanet ${row.id} threshold`, row.score_threshold, d.scoreThreshold);
    const [counted] = await sql`
      select count(*) filter (where status = 'pending') as pending, count(*) filter (where status = 'rejected') as rejected,
        count(*) filter (where status = 'revoked') as revoked, count(*) as contributions,
        count(distinct contributor) as contributors, coalesce(sum(attributed), 0) as attributed
      from chain.contribution where datanet_id = ${row.id ?? ''}`;
    for (const [column, value] of Object.entries(counted ?? {}))
      compare(`datanet ${row.id} ${column}`, row[column], value);
  }
  for (const { datanet_id, contributor, penalty } of await rows('datanet_contributor')) {
    compare(
      `penalty ${contributor}`,
      penalty,
      await s.look('StakeManager', 'penalty', BigInt(datanet_id ?? 0), contributor),
    );
  }

  for (const { id, amount, pending_unstake, staked, withdrawn, slashed } of await rows('stake')) {
    const stake = await s.look<Record<string, unknown>>('StakeManager', 'stakes', BigInt(id ?? 0));
    compare(`stake ${id} amount`, amount, stake.amount);
    compare(`stake ${id} pending`, pending_unstake, stake.pending);
    compare(`stake ${id} sum`, amount, BigInt(staked ?? 0) - BigInt(withdrawn ?? 0) - BigInt(slashed ?? 0));
  }

  const disputeStatuses = ['none', 'open', 'upheld', 'rejected', 'expired'];
  for (const { id, status, initiator, target_id, deadline } of await rows('dispute')) {
    const dispute = await s.look<Record<string, unknown>>('DisputeResolver', 'dispute', BigInt(id ?? 0));
    compare(`dispute ${id} status`, status, disputeStatuses[Number(dispute.status)]);
    compare(`dispute ${id} initiator`, initiator, dispute.initiator);
    compare(`dispute ${id} target`, target_id, dispute.targetId);
    compare(`dispute ${id} deadline`, deadline, dispute.deadline);
  }

  for (const row of await rows('escrow_account')) {
    const [balance, requested] = await s.look<bigint[]>('InferenceEscrow', 'payers', row.account);
    compare(`escrow balance ${row.account}`, row.balance, balance);
    compare(`escrow pending ${row.account}`, row.pending_withdrawal, requested);
    const owed = BigInt(row.earned ?? 0) - BigInt(row.earnings_withdrawn ?? 0);
    compare(`escrow earned ${row.account}`, owed, await s.look('InferenceEscrow', 'earnings', row.account));
  }
  const [held] = await sql`
    select coalesce(sum(contributors_fee) filter (where attribution_status <> 'final'), 0) as held from chain.inference`;
  compare('fees held for contributors', held?.held, await s.look('InferenceEscrow', 'heldForContributors'));
  for (const { account, claimed } of await rows('reward_account')) {
    compare(`claimed ${account}`, claimed, await s.look('RewardDistributor', 'claimed', account));
  }
  const [attributed] = await sql`select coalesce(sum(attributed), 0) as total from chain.reward_account`;
  compare('attributed in all', attributed?.total, await s.look('RewardDistributor', 'funded'));

  for (const { id, for_votes, against_votes, abstain_votes } of await rows('proposal')) {
    compare(
      `votes on ${id}`,
      [against_votes, for_votes, abstain_votes],
      await s.look('OpenGovernor', 'proposalVotes', id),
    );
  }
  const nameOf = Object.fromEntries(Object.entries(contracts).map(([name, address]) => [address, name])) as Record<
    string,
    keyof typeof contracts
  >;
  for (const { contract = '', name = '', key = '', value } of await rows('parameter')) {
    if (!key.startsWith('0x')) continue;
    compare(`key of ${name}`, key, keccak256(stringToHex(name)));
    compare(`${nameOf[contract]} ${name}`, value, await s.look(nameOf[contract]!, 'parameter', key));
  }
  for (const { contract = '', role_id, account, active, role } of await rows('role_member')) {
    compare(
      `${nameOf[contract]} ${role} ${account}`,
      active,
      await s.look(nameOf[contract]!, 'hasRole', role_id, account),
    );
  }
  for (const { contract = '', paused } of await rows('pause_state')) {
    compare(`${nameOf[contract]} paused`, paused, await s.look(nameOf[contract]!, 'paused'));
  }
  return found;
};

/** What the rollups must sum up to, by their own entities; returns what does not. */
export const rollupFaults = async (sql: Sql): Promise<string[]> => {
  const sums = await sql.unsafe<{ what: string; rolled: string; counted: string }[]>(
    ['hour', 'day']
      .flatMap((length) =>
        Object.entries({
          events: 'select count(*) from chain.activity',
          new_accounts: 'select count(*) from chain.account',
          datanets_created: 'select count(*) from chain.datanet',
          contributions_submitted: 'select count(*) from chain.contribution',
          contributions_rejected: `select count(*) from chain.contribution where status = 'rejected'`,
          contributions_revoked: `select count(*) from chain.contribution where status = 'revoked'`,
          scores: 'select sum(scores) from chain.contribution',
          models_registered: 'select count(*) from chain.model',
          model_versions: 'select count(*) from chain.model_version',
          inferences: 'select count(*) from chain.inference',
          in_tokens: 'select sum(in_tokens) from chain.inference',
          fees: 'select sum(fee) from chain.inference',
          attributed: `select sum(attributed) from chain.attribution_batch where status = 'finalized'`,
          unattributed: `select sum(unattributed) from chain.attribution_batch where status = 'finalized'`,
          claims: 'select count(*) from chain.claim',
          claimed: 'select sum(amount) from chain.claim',
          deposited: 'select sum(deposited) from chain.escrow_account',
          staked: 'select sum(staked) from chain.stake',
          slashed: 'select sum(amount) from chain.slash',
          disputes: 'select count(*) from chain.dispute',
          votes: 'select count(*) from chain.vote',
        }).map(
          ([column, counted]) =>
            `select 'protocol_${length}.${column}' as what, (select sum(${column}) from chain.protocol_${length})::text as rolled, (${counted})::text as counted`,
        ),
      )
      .join(' union all ') +
      ` union all
      select 'protocol_day.active_accounts', string_agg(active_accounts::text, ',' order by bucket), (
        select string_agg(n::text, ',' order by day) from (
          select day, count(distinct account) as n from (
            select timestamp - timestamp % 86400 as day, actor as account from chain.activity
            union select day, account from chain.account_role_day
          ) acts group by day
        ) days
      ) from chain.protocol_day
      union all
      select 'datanet_day.contributors', sum(contributors)::text, (
        select count(distinct (datanet_id, contributor, created_at / 86400))::text from chain.contribution
      ) from chain.datanet_day
      union all
      select 'datanet_hour.attributed', sum(attributed)::text, (select sum(attributed)::text from chain.datanet) from chain.datanet_hour
      union all
      select 'model_day.fees', sum(fees)::text, (select sum(fees)::text from chain.model) from chain.model_day`,
  );
  return sums
    .filter(({ rolled, counted }) => rolled !== counted)
    .map(({ what, rolled, counted }) => `${what}: ${rolled} ≠ ${counted}`);
};

/** Every row of every table, in a fixed order. */
export const dump = async (sql: Sql): Promise<Record<string, string[]>> => {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.views
    where table_schema = 'chain' and table_name not like '\\_%' order by 1`;
  const rows: Record<string, string[]> = {};
  for (const { name } of tables) {
    const read = () => sql.unsafe<{ row: string }[]>(`select t::text as row from chain.${name} t order by 1`);
    rows[name] = (await read().catch(unlessLocked(read))).map(({ row }) => row);
  }
  return rows;
};

/** Ponder locks its tables one after another while it undoes a reorganisation, and Postgres may refuse a reader then. */
const unlessLocked =
  <answer>(again: () => PromiseLike<answer>) =>
  (error: unknown): PromiseLike<answer> => {
    if (error instanceof Error && 'code' in error && error.code === '40P01') return again();
    throw error;
  };
