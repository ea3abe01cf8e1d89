import type { Hex } from '@openledger/db/chain';
import { memberships, type VersionKey } from '../datanets/membership.ts';
import { builder } from '../schema/builder.ts';
import { entityOf, type FieldsOf } from '../schema/entity.ts';
import { loaderOf } from '../schema/loader.ts';

type Inclusion = VersionKey & { readonly proof: readonly Hex[] };

/** Versions of a datanet that are looked through at most, the newest first. */
const MAX_VERSIONS = 20;

const versionsOf = loaderOf(async (datanetIds: readonly bigint[], { db }) => {
  const rows = await db.query.datanet.findMany({
    columns: { id: true },
    where: { id: { in: [...datanetIds] } },
    with: {
      versionRows: {
        columns: { datanetId: true, version: true, createdAt: true },
        orderBy: { version: 'desc' },
        limit: MAX_VERSIONS,
      },
    },
  });
  return datanetIds.map((datanetId) => rows.find(({ id }) => id === datanetId)?.versionRows ?? []);
});

const ContributionInclusion = builder.objectRef<Inclusion>('ContributionInclusion').implement({
  description: 'That a contribution is in a version of its datanet, with the proof.',
  fields: (t) => ({
    version: t.field({
      type: entityOf('datanetVersion').ref,
      description: 'The version; its trainings say which models learned from it.',
      resolve: ({ datanetId, version }) => ({ datanetId, version }) as never,
    }),
    proof: t.field({
      type: ['Bytes32'],
      description: 'Hashes from the contribution up to the version’s root.',
      resolve: ({ proof }) => [...proof],
    }),
  }),
});

export const inclusionsField: FieldsOf<'contribution'> = (t) => ({
  inclusions: t.field({
    type: [ContributionInclusion],
    description: `The versions of its datanet that it is provably in, the newest first, of the newest ${MAX_VERSIONS}. Where it was used goes on from there: version { trainings { nodes { model { name } } } }. What it earned is in attributions.`,
    complexity: { field: 50, multiplier: 5 },
    select: { columns: { id: true, datanetId: true, createdAt: true } },
    resolve: async (row, _args, context) => {
      const { id, datanetId, createdAt } = row as { id: bigint; datanetId: bigint; createdAt: bigint };
      const later = (await versionsOf(context).load(datanetId)).filter((version) => version.createdAt >= createdAt);
      const found = await Promise.all(
        later.map(async ({ datanetId, version }) => {
          const members = await memberships(context).load({ datanetId, version });
          return members?.ids.includes(id) ? [{ datanetId, version, proof: members.tree.proofOf(id) }] : [];
        }),
      );
      return found.flat();
    },
  }),
});
