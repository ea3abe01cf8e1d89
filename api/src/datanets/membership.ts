import { setImmediate } from 'node:timers/promises';
import { content } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { datanetTree, type MerkleTree, type VersionedContribution } from '@openledger/protocol';
import { inArray, sql } from 'drizzle-orm';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { ApiContext } from '../context.ts';
import { rowsOfApp } from '../schema/app-rows.ts';
import { loaderOf } from '../schema/loader.ts';

/** Contributions of a version that are put into a tree at most: hashing more would hold up every other answer. */
export const MAX_PROVABLE = 2000;

export type VersionKey = { readonly datanetId: bigint; readonly version: number };
type Version = VersionKey & {
  readonly dataRoot: Hex;
  /** How many contributions its publisher said are in it. */
  readonly contributions: bigint;
  readonly uri: string;
  readonly createdAt: bigint;
};

/** What is in a version, proven: the tree over it has the root that is on chain. */
export type Members = { readonly ids: readonly bigint[]; readonly tree: MerkleTree<bigint> };

/** A root says exactly what is in a version, so what was proven once stays so. */
const proven = new LRUCache<Hex, Members>({ max: 100 });
/** What could not be proven is not tried again for a while: its list may come to be kept here, or the index catch up. */
const unproven = new LRUCache<string, true>({ max: 10_000, ttl: 5 * 60_000 });

/**
 * What is in a version: its published list where that is kept here, else what stood accepted when it was published;
 * null when neither comes to the root on chain, or when there is too much of it.
 */
export async function membersOf(context: ApiContext, version: Version): Promise<Members | null> {
  const { datanetId, dataRoot, contributions } = version;
  const known = proven.get(dataRoot);
  if (known) return known;
  const place = `${context.genesisHash} ${datanetId} ${dataRoot}`;
  if (contributions > BigInt(MAX_PROVABLE) || unproven.has(place)) return null;
  for (const candidatesOf of [listedIn, acceptedBy]) {
    const candidates = await candidatesOf(context, version);
    if (BigInt(candidates.length) !== contributions) continue;
    // Others get their turn between one tree and the next.
    await setImmediate();
    const tree = datanetTree(candidates);
    if (tree.root !== dataRoot) continue;
    const members = { ids: candidates.map(({ contributionId }) => contributionId), tree };
    proven.set(dataRoot, members);
    return members;
  }
  unproven.set(place, true);
  return null;
}

const list = z.object({
  contributions: z
    .array(z.object({ id: z.string().regex(/^\d{1,78}$/), contentHash: z.string().regex(/^0x[0-9a-f]{64}$/) }))
    .max(MAX_PROVABLE),
});

/** The list that a version's URI names by its hash. */
const lists = loaderOf(async (hashes: readonly Hex[], { app }) => {
  const rows = await rowsOfApp(
    app.db
      .select({ hash: content.hash, body: content.body })
      .from(content)
      .where(inArray(content.hash, [...hashes])),
  );
  return hashes.map((wanted) => rows.find(({ hash }) => hash === wanted)?.body ?? null);
});

async function listedIn(context: ApiContext, { uri }: Version): Promise<VersionedContribution[]> {
  const hash = /0x[0-9a-f]{64}/i.exec(uri)?.[0]?.toLowerCase() as Hex | undefined;
  const body = hash && (await lists(context).load(hash));
  if (!body) return [];
  try {
    const { contributions } = list.parse(JSON.parse(new TextDecoder().decode(body)));
    const ids = new Set(contributions.map(({ id }) => id));
    if (ids.size !== contributions.length) return [];
    return contributions.map(({ id, contentHash }) => ({ contributionId: BigInt(id), contentHash }));
  } catch {
    return [];
  }
}

/** What stood accepted in the datanet when the version was published; what was revoked later was in it. */
async function acceptedBy({ db }: ApiContext, { datanetId, createdAt }: Version): Promise<VersionedContribution[]> {
  const rows = await db.query.contribution.findMany({
    columns: { id: true, contentHash: true },
    where: {
      datanetId,
      OR: [
        { status: 'accepted', decidedAt: { lte: createdAt } },
        {
          status: 'revoked',
          decidedAt: { gt: createdAt },
          RAW: (given) =>
            sql`exists (select from chain.activity event where event.subject_type = 'contribution' and event.subject_id = ${given.id}::text and event.event = 'ContributionAccepted' and event.timestamp <= ${createdAt.toString()}::bigint)`,
        },
      ],
    },
    orderBy: { id: 'asc' },
    limit: MAX_PROVABLE + 1,
  });
  return rows.map(({ id, contentHash }) => ({ contributionId: id, contentHash }));
}

/** The members of several versions, by what names them. */
export const memberships = loaderOf(
  async (keys: readonly VersionKey[], context) => {
    const rows = await context.db.query.datanetVersion.findMany({
      columns: { datanetId: true, version: true, dataRoot: true, contributions: true, uri: true, createdAt: true },
      where: { OR: keys.map(({ datanetId, version }) => ({ datanetId, version })) },
    });
    const found: (Members | null)[] = [];
    for (const { datanetId, version } of keys) {
      const row = rows.find((other) => other.datanetId === datanetId && other.version === version);
      found.push(row ? await membersOf(context, row) : null);
    }
    return found;
  },
  ({ datanetId, version }) => `${datanetId}/${version}`,
);
