import { chainDdl, checkpointOf } from '@openledger/api/testing';
import { migrate } from '@openledger/db';
import type { Manifest } from '@openledger/protocol/deploy';
import postgres from 'postgres';

/** Rows of the tables that the questions are about. */
export const sizes = {
  accounts: 2_000,
  datanets: 200,
  contributions: 20_000,
  /** Each scored by as many validators. */
  scores: 3,
  models: 60,
  inferences: 20_000,
  /** Days of the protocol's counters. */
  days: 120,
};

/** Owners of datanets; each owns an equal part of them. */
export const owners = 20;
/** The start of the newest of the days, Unix seconds. */
export const newestDay = 1_790_035_200;

const address = (n: string) => `'0x' || lpad(to_hex(${n}), 40, '0')`;
const hash = (n: string) => `'0x' || encode(sha256((${n})::text::bytea), 'hex')`;
const at = (n: string) => `${newestDay - 90_000} + ${n}`;
const provenance = (n: string) => `1000 + ${n}, ${at(n)}, ${hash(n)}, 1000 + ${n}, ${at(n)}`;
const wei = (n: string) => `((${n})::numeric * 1000000000000000 + ${n})`;
/** Spread without a pattern that follows the order of the ids. */
const spread = (n: string, over: number) => `(${n} * 7919 % ${over})`;

const statements = [
  `insert into chain.account
   select ${address('n')}, 1, ${at('n')}, ${at('n')}, ${spread('n', 97)} from generate_series(1, ${sizes.accounts}) n`,
  `insert into chain.datanet
   select n, ${address(`1 + n % ${owners}`)}, 'Datanet ' || n, 'ipfs://datanet/' || n, ${hash('n')},
     case when n % 5 = 0 then 'private' else 'public' end, case when n % 7 = 0 then 'paused' else 'active' end,
     ${wei('10')}, ${wei('500')}, 3, 86400, ${sizes.contributions / sizes.datanets}, 20, ${spread('n', 151)}, 20, 10,
     50, n * 100, 2, 3, ${wei('n')}, ${provenance('n')}
   from generate_series(1, ${sizes.datanets}) n`,
  `insert into chain.contribution
   select n, 1 + n % ${sizes.datanets}, ${address(`1 + ${spread('n', sizes.accounts)}`)}, ${address(`1 + ${spread('n', sizes.accounts)}`)},
     ${hash('n')}, 'ipfs://contribution/' || n, ${hash(`'MIT'`)}, 1 + ${spread('n', 500)}, ${wei('10')},
     (array['accepted', 'accepted', 'accepted', 'pending', 'rejected'])[1 + (n / ${sizes.datanets}) % 5],
     ${wei(spread('n', 1000))}, null, ${at('n')}, 3, 3, ${spread('n', 40)}, ${wei(spread('n', 9973))}, ${provenance('n')}
   from generate_series(1, ${sizes.contributions}) n`,
  `insert into chain.contribution_score
   select n, ${address(`1 + (n + v) % ${sizes.accounts}`)}, 1 + n % ${sizes.datanets}, ${hash('n + v')},
     case when (n + v) % 10 = 0 then null else ${wei(spread('n', 1000))} end, ${hash('n * v')}, ${at('n')}, ${provenance('n')}
   from generate_series(1, ${sizes.contributions}) n, generate_series(1, ${sizes.scores}) v`,
  `insert into chain.model
   select n, ${address(`1 + n % ${owners}`)}, ${hash(`'base'`)}, 'Model ' || n, 'ipfs://model/' || n, 'active',
     ${wei('2')}, ${wei('4')}, 3, 2, 5, ${spread('n', 600)}, n * 10000, n * 20000, ${wei('n')}, ${provenance('n')}
   from generate_series(1, ${sizes.models}) n`,
  `insert into chain.inference
   select ${hash('n')}, lpad(n::text, 75, '0'), 1 + n % ${sizes.models}, ${address(`1 + n % 10`)},
     ${address(`1 + ${spread('n', sizes.accounts)}`)}, 1, 200 + n % 100, 400 + n % 300, ${wei(`1 + ${spread('n', 50)}`)},
     ${hash('n + 1')}, 1, 2, 3, 4, 5, 'none', null, null, ${provenance('n')}
   from generate_series(1, ${sizes.inferences}) n`,
  `insert into chain.protocol_day
   select ${newestDay} - (n - 1) * 86400, ${Array.from({ length: 28 }, (_, i) => `1 + n * ${i + 3} % 211`).join(', ')}
   from generate_series(1, ${sizes.days}) n`,
];

/**
 * Fills an empty database with what an index of a year would hold: the tables as the API knows them, the schema `app`, and
 * what tells PostGraphile how rows point at one another.
 */
export async function fill(url: string, { chainId }: Manifest): Promise<void> {
  await migrate(url);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    for (const statement of [...chainDdl(), ...statements, ...relations]) await sql.unsafe(statement);
    const checkpoint = checkpointOf(chainId, 100_000n, BigInt(newestDay));
    await sql`insert into chain._ponder_checkpoint values ('openledger', ${chainId.toString()}, ${checkpoint}, ${checkpoint}, ${checkpoint})`;
    await sql`insert into chain._ponder_meta values ('app', '{"is_ready": 1}')`;
    await sql.unsafe('vacuum analyze');
  } finally {
    await sql.end();
  }
}

const relation = (table: string, ...keys: readonly [column: string, target: string, name: string][]) =>
  `comment on table chain.${table} is E'${keys.map(([column, target, name]) => `@foreignKey (${column}) references ${target}|@fieldName ${name}`).join('\\n')}'`;

/** The index has no foreign keys, as its rows come and go with reorganisations; PostGraphile reads them from comments. */
const relations = [
  relation(
    'contribution',
    ['datanet_id', 'chain.datanet (id)', 'datanet'],
    ['contributor', 'chain.account (address)', 'contributorAccount'],
  ),
  relation('contribution_score', ['contribution_id', 'chain.contribution (id)', 'contribution']),
];
