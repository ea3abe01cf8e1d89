import type { FieldsOf } from '../schema/entity.ts';
import { MAX_PROVABLE, memberships, type VersionKey } from './membership.ts';

const orNull = `null where what is kept here does not come to the root on chain, or is more than ${MAX_PROVABLE} contributions: see uri`;

/** What is in a version, and the proof of it. */
export const memberFields: FieldsOf<'datanetVersion'> = (t) => ({
  contributionIds: t.field({
    type: ['BigInt'],
    nullable: true,
    description: `The numbers of the contributions in it, proven against its root; ${orNull}.`,
    complexity: 50,
    select: { columns: { datanetId: true, version: true } },
    resolve: async (row, _args, context) => {
      const members = await memberships(context).load(row as VersionKey);
      return members && [...members.ids];
    },
  }),
  proof: t.field({
    type: ['Bytes32'],
    nullable: true,
    description: `Hashes from a contribution up to its root, which prove that it is in it; null where it is not, and ${orNull}.`,
    complexity: 50,
    args: {
      contributionId: t.arg({ type: 'BigInt', required: true, description: 'The contribution’s number on chain.' }),
    },
    select: { columns: { datanetId: true, version: true } },
    resolve: async (row, { contributionId }, context) => {
      const members = await memberships(context).load(row as VersionKey);
      return members?.ids.includes(contributionId) ? members.tree.proofOf(contributionId) : null;
    },
  }),
});
