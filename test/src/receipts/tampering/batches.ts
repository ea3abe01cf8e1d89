import type { Hex } from '@openledger/protocol';
import { id } from 'ethers';
import type { Tampering } from './tampering.ts';

const hash = (text: string): Hex => id(text) as Hex;

/** What may be wrong between receipts, their batch and the chain. */
export const postedLies: readonly Tampering[] = [
  {
    name: 'a receipt that its batch leaves out',
    of: 'receipt',
    names: /batch\.entries is without a receipt of 0x/,
    apply: ({ repost, entry }) => repost((all) => all.filter((one) => one !== entry)),
  },
  {
    name: 'a receipt in a batch that does not attribute it',
    of: 'receipt',
    names: /batch\.entries is with a receipt of 0x/,
    apply: ({ sql, batchId, entry }) =>
      sql`delete from chain.attribution_request where batch_id = ${`${batchId}`}::text::numeric
        and request_id = (select request_id from chain.attribution_request where request_id <> ${entry.receipt.requestId}
          and batch_id = ${`${batchId}`}::text::numeric limit 1)`,
  },
  {
    name: 'a root of other receipts',
    of: 'receipt',
    names: /batch\.root/,
    apply: ({ sql }) => sql`update chain.attribution_batch set root = ${hash('root')}`,
  },
  {
    name: 'a document that was changed where it is kept',
    of: 'receipt',
    names: /batch\.document.*is damaged/,
    apply: async ({ sql, read, keep }) => {
      const [row] = await sql<
        { hash: Hex }[]
      >`select evidence_hash as hash from chain.attribution_batch order by id limit 1`;
      const body = Uint8Array.from(await read(row!.hash));
      body[body.length - 3]! ^= 1;
      await keep(body, row!.hash);
    },
  },
  {
    name: 'a document that is gone',
    of: 'receipt',
    names: /batch\.document.*is not kept/,
    apply: ({ sql }) =>
      sql`update app.content set body = null, erased_at = now()
        where hash in (select evidence_hash from chain.attribution_batch)`,
  },
  {
    name: 'a document at another place than its hash',
    of: 'receipt',
    names: /batch\.uri/,
    apply: ({ sql }) => sql`update chain.attribution_batch set uri = 'https://example.com/batch'`,
  },
  {
    name: 'a batch of another worker',
    of: 'receipt',
    names: /batch\.worker/,
    apply: ({ repost }) => repost((all) => all, { worker: `0x${'12'.repeat(20)}` }),
  },
  {
    name: 'an algorithm that nobody allowed',
    of: 'receipt',
    names: /batch\.algorithmId/,
    apply: ({ sql }) => sql`delete from chain.algorithm`,
  },
  {
    name: 'a wei that moves from one contribution to another',
    of: 'receipt',
    names: /payment\.\d+.*payment\.\d+/,
    apply: async ({ sql, entry }) => {
      const [one, other] = entry.receipt.shares;
      for (const [share, wei] of [
        [one!, 1],
        [other!, -1],
      ] as const) {
        await sql`update chain.attribution set amount = amount + ${wei}::int
          where request_id = ${entry.receipt.requestId} and contribution_id = ${share.contributionId}::text::numeric`;
      }
    },
  },
  {
    name: 'a contribution that is not paid though it is accepted',
    of: 'receipt',
    names: /payment\.\d+ is 0.*payment\.unattributed/,
    apply: async ({ sql, entry }) => {
      const [part] = await sql<{ amount: bigint }[]>`delete from chain.attribution
        where request_id = ${entry.receipt.requestId} and contribution_id = ${entry.receipt.shares[0]!.contributionId}::text::numeric
        returning amount`;
      await sql`update chain.attribution_request set unattributed = unattributed + ${`${part!.amount}`}::text::numeric
        where request_id = ${entry.receipt.requestId}`;
    },
  },
];

/** What may be wrong of an epoch. */
export const epochLies: readonly Tampering[] = [
  {
    name: 'a reward that is larger by a wei',
    of: 'epoch',
    names: /root is 0x.*list\.rewards\.0x/,
    apply: ({ repropose }) =>
      repropose(([first, ...rest]) => [
        { ...first!, cumulativeAmount: `${BigInt(first!.cumulativeAmount) + 1n}` },
        ...rest,
      ]),
  },
  {
    name: 'an account that is left out',
    of: 'epoch',
    names: /list\.rewards\.0x\w+ is nothing/,
    apply: ({ repropose }) => repropose((rewards) => rewards.slice(1)),
  },
  {
    name: 'an account that earned nothing',
    of: 'epoch',
    names: /list\.rewards\.0x1212\w+ is 5, not nothing/,
    apply: ({ repropose }) =>
      repropose((rewards) =>
        [...rewards, { account: `0x${'12'.repeat(20)}` as Hex, cumulativeAmount: '5' }].sort((a, b) =>
          a.account < b.account ? -1 : 1,
        ),
      ),
  },
  {
    name: 'a total that is another than what became final',
    of: 'epoch',
    names: /epoch\.total/,
    apply: ({ sql }) => sql`update chain.epoch set total = total + 1 where id = 1`,
  },
  {
    name: 'a list that was changed where it is kept',
    of: 'epoch',
    names: /list is .*damaged/,
    apply: async ({ sql, keep }) => {
      const [row] = await sql<{ hash: Hex }[]>`select ipfs_hash as hash from chain.reward_root limit 1`;
      await keep(Buffer.from('{}'), row!.hash);
    },
  },
];
