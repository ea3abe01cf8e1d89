import { type Connection, getContent, putContents } from '@openledger/db';
import { batchContentOf, rewardContentOf } from '@openledger/gpu-worker/settlement';
import { canonicalJson, type Hex, type Receipt, signReceipt, type UnsignedReceipt } from '@openledger/protocol';
import {
  type Batch,
  batchSchema,
  type Evidence,
  type RewardList,
  rewardListSchema,
} from '@openledger/protocol/attribution';
import { keccak256, toUtf8Bytes, Wallet } from 'ethers';
import { uriOf } from '../documents.ts';
import type { World } from '../world/index.ts';

type Entry = { readonly receipt: Receipt; readonly evidence: Evidence };

/** A database where somebody lies: with one connection, in a transaction that is rolled back. */
export type Scene = Pick<Connection, 'db' | 'sql'> & {
  readonly world: World;
  /** The receipt that is lied about: it has passages, and shares for several contributions. */
  readonly entry: Entry;
  readonly batchId: bigint;
  /** Posts the batch with something else in it, its root and hash with it, as if that had been posted. */
  readonly repost: (change: (entries: readonly Entry[]) => readonly Entry[], more?: Partial<Batch>) => Promise<void>;
  /** Posts the receipt as its worker would have signed it. `evidence` is hashed into it. */
  readonly resign: (
    change: (said: UnsignedReceipt) => UnsignedReceipt,
    evidence?: (evidence: Evidence) => Evidence,
  ) => Promise<void>;
  /** Proposes another list of rewards, its root and hash with it. */
  readonly repropose: (change: (list: RewardList['rewards']) => RewardList['rewards']) => Promise<void>;
  /** Keeps a document, or another body under a hash that is not its own. */
  readonly keep: (body: Uint8Array, as?: Hex) => Promise<Hex>;
  readonly read: (hash: Hex) => Promise<Uint8Array>;
};

export const openScene = async ({ db, sql }: Pick<Connection, 'db' | 'sql'>, world: World): Promise<Scene> => {
  const { place, manifest, worker } = world.ground;
  const read = async (hash: Hex): Promise<Uint8Array> => {
    const body = (await getContent(db, hash))?.body;
    if (!body) throw new Error(`Nothing is kept under ${hash}.`);
    return body;
  };
  const json = async (hash: Hex): Promise<unknown> => JSON.parse(new TextDecoder().decode(await read(hash)));
  const [row] = await sql<{ id: bigint; hash: Hex; algorithmId: Hex }[]>`
    select id, evidence_hash as hash, algorithm_id as "algorithmId" from chain.attribution_batch order by id limit 1`;
  const { id: batchId, hash, algorithmId } = row!;
  const { entries } = batchSchema.parse(await json(hash));
  const isRich = ({ receipt, evidence }: Entry) =>
    receipt.shares.length > 1 &&
    (receipt.evidence.influence?.top.length ?? 0) > 2 &&
    evidence.spans.some(({ documents }) => documents.length > 0);
  const entry = entries.find(isRich);
  if (entry === undefined) throw new Error('No receipt has passages and several shares.');

  const keep: Scene['keep'] = async (body, as) => {
    if (as === undefined) return (await putContents(db, [{ mediaType: 'application/octet-stream', body }]))[0]!;
    await sql`update app.content set body = ${body}, size = ${body.length} where hash = ${as}`;
    return as;
  };
  const repost: Scene['repost'] = async (change, more = {}) => {
    const scope = { chainId: manifest.chainId, ledger: place.ledger, worker, algorithmId };
    const content = batchContentOf(scope, change(entries));
    const body =
      Object.keys(more).length === 0
        ? content.body
        : toUtf8Bytes(canonicalJson({ ...JSON.parse(new TextDecoder().decode(content.body)), ...more }));
    const name = await keep(body);
    await sql`update chain.attribution_batch set root = ${content.root}, evidence_hash = ${name}, uri = ${uriOf(name)}
      where id = ${`${batchId}`}::text::numeric`;
  };
  const resign: Scene['resign'] = async (change, changeEvidence = (evidence) => evidence) => {
    const { signature: _, ...said } = entry.receipt;
    const evidence = changeEvidence(entry.evidence);
    const evidenceHash = keccak256(toUtf8Bytes(canonicalJson(evidence))) as Hex;
    const receipt = await signReceipt(new Wallet(place.key), change({ ...said, evidenceHash }));
    await repost((all) => all.map((one) => (one === entry ? { receipt, evidence } : one)));
  };
  const repropose: Scene['repropose'] = async (change) => {
    const [root] = await sql<{ id: string; hash: Hex }[]>`
      select id, ipfs_hash as hash from chain.reward_root where epoch_id = 1 limit 1`;
    const { rewards } = rewardListSchema.parse(await json(root!.hash));
    const { body, ...content } = rewardContentOf(
      { chainId: manifest.chainId, distributor: place.distributor, epochId: 1n },
      {
        rewards: change(rewards).map(({ account, cumulativeAmount }) => ({
          account,
          cumulativeAmount: BigInt(cumulativeAmount),
        })),
      },
    );
    await keep(body);
    await sql`update chain.reward_root set root = ${content.root}, ipfs_hash = ${content.hash}, uri = ${content.uri}
      where id = ${root!.id}`;
    await sql`update chain.epoch set root = ${content.root} where id = 1`;
  };
  return { db, sql, world, entry, batchId, repost, resign, repropose, keep, read };
};
