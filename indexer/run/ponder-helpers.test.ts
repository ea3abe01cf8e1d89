import postgres from 'postgres';
import { expect, test } from 'vitest';
import { createDatabase } from '../test/servers.ts';
import { byTopic, insertRows } from './ponder-helpers.ts';

// What fetched history is kept with. A value that arrives otherwise than it was fetched would be indexed as if it had happened.

test('rows arrive as they were given, whatever a node put into them, and those that are there stay', async () => {
  const sql = postgres(await createDatabase(), { max: 1 });
  try {
    await sql.unsafe(`create schema ponder_sync; create table ponder_sync.logs (
      chain_id bigint, block_number bigint, log_index int, topic0 varchar(66), data text, gas_used numeric(78,0),
      primary key (chain_id, block_number, log_index))`);
    const type = (name: string) => ({ getSQLType: () => name });
    const columns = {
      chainId: type('bigint'),
      blockNumber: type('bigint'),
      logIndex: type('integer'),
      topic0: type('varchar(66)'),
      data: type('text'),
      gasUsed: type('numeric(78,0)'),
    };
    const odd = ['0xAb', '', 'NULL', '{"a":[1,2]}', 'back\\slash', 'com,ma}', ' space ', 'tab\tand\nline', 'null'];
    const rows = odd.map((data, logIndex) => ({
      chainId: 1n,
      blockNumber: 2n ** 62n,
      logIndex,
      topic0: logIndex % 2 === 0 ? null : `0x${'f'.repeat(64)}`,
      data,
      gasUsed: 2n ** 256n - 1n,
    }));
    const connection = { query: (text: string, values: readonly string[]) => sql.unsafe(text, [...values]) };
    await insertRows(connection, 'logs', columns, rows);
    await insertRows(connection, 'logs', columns, [{ ...rows[0]!, data: 'otherwise' }]);
    const stored = await sql`select * from ponder_sync.logs order by log_index`;
    expect(stored.map(({ data }) => data)).toEqual(odd);
    expect(stored.map((row) => row.topic0)).toEqual(rows.map(({ topic0 }) => topic0));
    expect(stored[0]).toMatchObject({ block_number: String(2n ** 62n), gas_used: String(2n ** 256n - 1n) });
  } finally {
    await sql.end();
  }
});

test('a log meets every filter that wants its topic, or any topic, in their order', () => {
  const filters = [
    { id: 'any', topic0: null },
    { id: 'a', topic0: '0xaa' },
    { id: 'none said' },
    { id: 'a or b', topic0: ['0xaa', '0xbb'] },
    { id: 'b', topic0: '0xbb' },
  ];
  const matching = byTopic(filters, (filter) => filter);
  const ids = (topic: string | undefined) => matching(topic).map(({ id }) => id);
  expect(ids('0xAA')).toEqual(['any', 'a', 'none said', 'a or b']);
  expect(ids('0xbb')).toEqual(['any', 'none said', 'a or b', 'b']);
  expect(ids('0xcc')).toEqual(['any', 'none said']);
  expect(ids(undefined)).toEqual(['any', 'none said']);
});
