import { intakeVerdict } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, eq, inArray } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { rowsOfApp } from '../schema/app-rows.ts';
import { loaderOf } from '../schema/loader.ts';

/** What is asked for: a contribution's text, what was found in it, where it is from. */
export type Asked = {
  readonly id: bigint;
  readonly contentHash: Hex;
  readonly datanetId: bigint;
  readonly contributor: Hex;
  readonly status: 'pending' | 'accepted' | 'rejected' | 'revoked';
};

type Standing = { readonly isPublic: boolean; readonly isInvolved: boolean; readonly hasAccess: boolean };

/** How the caller stands to datanets: as owner or validator, or with access that has not ended. */
const standings = loaderOf(async (datanetIds: readonly bigint[], { db, caller }) => {
  const account = caller.kind === 'anonymous' ? null : caller.account;
  const rows = await db.query.datanet.findMany({
    columns: { id: true, visibility: true, owner: true },
    where: { id: { in: [...datanetIds] } },
    with: {
      validatorRows: { columns: { active: true }, where: { validator: account ?? '0x', active: true } },
      accessRows: { columns: { expiresAt: true }, where: { grantee: account ?? '0x', status: 'granted' } },
    },
  });
  const now = BigInt(Math.floor(Date.now() / 1000));
  return datanetIds.map((datanetId): Standing => {
    const row = rows.find(({ id }) => id === datanetId);
    return {
      isPublic: row?.visibility === 'public',
      isInvolved: account !== null && (row?.owner === account || (row?.validatorRows.length ?? 0) > 0),
      hasAccess: row?.accessRows.some(({ expiresAt }) => expiresAt > now) ?? false,
    };
  });
});

/** Who submitted which body to which datanet through this API, and the first contribution on chain that names it. */
const submissions = loaderOf(async (hashes: readonly Hex[], { app, db, genesisHash }) => {
  const { datanetId, contributor, contentHash } = intakeVerdict;
  const [verdicts, contributions] = await Promise.all([
    rowsOfApp(
      app.db
        .select({ datanetId, contributor, contentHash })
        .from(intakeVerdict)
        .where(and(inArray(contentHash, [...hashes]), eq(intakeVerdict.genesisHash, genesisHash))),
    ),
    db.query.contribution.findMany({
      columns: { id: true, contentHash: true },
      where: { contentHash: { in: [...hashes] } },
      orderBy: { id: 'asc' },
    }),
  ]);
  return hashes.map((hash) => ({
    submitted: verdicts.filter((verdict) => verdict.contentHash === hash),
    first: contributions.find((contribution) => contribution.contentHash === hash)?.id,
  }));
});

/**
 * Whether a contribution's author is known to have had the body its hash names. The hash of a private text is public, and
 * anybody may contribute it again to a datanet where everybody may read: that must not open the text.
 */
async function hadTheBody(context: ApiContext, asked: Asked): Promise<boolean> {
  const { submitted, first } = await submissions(context).load(asked.contentHash);
  if (submitted.length === 0) return first === asked.id;
  return submitted.some(
    ({ datanetId, contributor }) => datanetId === asked.datanetId && contributor === asked.contributor,
  );
}

/**
 * Whether the caller may read what a contribution says: its contributor, and its datanet's owner and validators, always;
 * once it is accepted, everybody where the datanet is public, and who was granted access where it is not.
 */
export async function mayRead(context: ApiContext, asked: Asked): Promise<boolean> {
  const { datanetId, contributor, status } = asked;
  const { caller } = context;
  if (!(await hadTheBody(context, asked))) return false;
  if (caller.kind !== 'anonymous' && caller.account === contributor) return true;
  const { isPublic, isInvolved, hasAccess } = await standings(context).load(datanetId);
  return isInvolved || (status === 'accepted' && (isPublic || hasAccess));
}
