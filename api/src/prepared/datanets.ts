import { chainTables } from '@openledger/db/chain';
import { datanetTree, type Hex } from '@openledger/protocol';
import { and, asc, eq, inArray } from 'drizzle-orm';
import { keccak256, stringToHex } from 'viem';
import type { ApiContext } from '../context.ts';
import { badInput } from '../errors.ts';
import { builder } from '../schema/builder.ts';
import { prepareField } from './field.ts';
import { reasonOf } from './reason.ts';

const { contribution } = chainTables;
const ONE = 10n ** 18n;
/** Contributions of one version at most: their tree is made while the request waits. */
const VERSION_SIZE = 100_000;

const Visibility = builder.enumType('NewDatanetVisibility', {
  description: 'Who may train on a new datanet.',
  values: {
    PUBLIC: { value: 0, description: 'Everybody.' },
    PRIVATE: { value: 1, description: 'Only who has been granted access.' },
  },
});
const Status = builder.enumType('NewDatanetStatus', {
  description: 'What a datanet’s owner can make of it.',
  values: {
    ACTIVE: { value: 1, description: 'It takes contributions.' },
    PAUSED: { value: 2, description: 'It takes none for now.' },
    ARCHIVED: { value: 3, description: 'It takes none any more.' },
  },
});

const Rules = builder.inputType('DatanetRulesInput', {
  description: 'By what contributions are taken into a datanet.',
  fields: (t) => ({
    minBond: t.field({ type: 'BigInt', required: true, description: 'Wei of OPEN bonded with each contribution.' }),
    scoreThreshold: t.field({
      type: 'BigInt',
      required: true,
      description: 'The least median score that is accepted; 1e18 is a full score.',
    }),
    quorum: t.int({
      required: true,
      description: 'Validators that must score: 0 lets the owner decide alone, 21 at most.',
    }),
    reviewWindow: t.field({
      type: 'BigInt',
      required: true,
      description: 'Seconds for each half of a review: committing, then revealing. 90 days at most.',
    }),
  }),
});
type Rules = { minBond: bigint; scoreThreshold: bigint; quorum: number; reviewWindow: bigint };

function rulesOf(place: string, { minBond, scoreThreshold, quorum, reviewWindow }: Rules) {
  if (scoreThreshold > ONE) throw badInput(`${place}: scoreThreshold is ${scoreThreshold}: expected 0 to 1e18.`);
  if (quorum < 0 || quorum > 21) throw badInput(`${place}: quorum is ${quorum}: expected 0 to 21.`);
  if (reviewWindow < 1n || reviewWindow > 7_776_000n) {
    throw badInput(`${place}: reviewWindow is ${reviewWindow} seconds: expected 1 to 7776000 (90 days).`);
  }
  return [minBond, scoreThreshold, quorum, reviewWindow] as const;
}

prepareField(
  'prepareCreateDatanet',
  'Opens a datanet; who sends it owns it.',
  (arg) => ({
    name: arg.string({ required: true, description: 'Its name, 1 to 200 characters.' }),
    uri: arg.string({ required: true, description: 'Where its description is.' }),
    uriHash: arg({
      type: 'Bytes32',
      description: 'keccak256 of that description; of the address itself when left out.',
    }),
    visibility: arg({ type: Visibility, required: true, description: 'Who may train on it.' }),
    rules: arg({ type: Rules, required: true, description: 'Its rules.' }),
  }),
  ({ name, uri, uriHash, visibility, rules }) => {
    if (name.length < 1 || name.length > 200) {
      throw badInput(`prepareCreateDatanet: name has ${name.length} characters: expected 1 to 200.`);
    }
    const hash = uriHash ?? keccak256(stringToHex(uri));
    return {
      contract: 'DatanetRegistry',
      functionName: 'createDatanet',
      args: [name, uri, hash, visibility, ...rulesOf('prepareCreateDatanet', rules)],
      summary: `Open the ${visibility === 0 ? 'public' : 'private'} datanet “${name}”, reviewed by ${rules.quorum} validators.`,
    };
  },
);

const datanetId = { type: 'BigInt', required: true, description: 'The datanet’s number on chain.' } as const;

prepareField(
  'prepareSetRules',
  'Changes the rules for contributions submitted from then on.',
  (arg) => ({ datanetId: arg(datanetId), rules: arg({ type: Rules, required: true, description: 'The new rules.' }) }),
  ({ datanetId, rules }) => ({
    contract: 'DatanetRegistry',
    functionName: 'setRules',
    args: [datanetId, ...rulesOf('prepareSetRules', rules)],
    summary: `Change the rules of datanet ${datanetId}.`,
  }),
);

prepareField(
  'prepareSetStatus',
  'Pauses, resumes or archives a datanet.',
  (arg) => ({
    datanetId: arg(datanetId),
    status: arg({ type: Status, required: true, description: 'The new status.' }),
  }),
  ({ datanetId, status }) => ({
    contract: 'DatanetRegistry',
    functionName: 'setStatus',
    args: [datanetId, status],
    summary: `${{ 1: 'Resume', 2: 'Pause', 3: 'Archive' }[status as 1 | 2 | 3]} datanet ${datanetId}.`,
  }),
);

prepareField(
  'prepareSetValidator',
  'Appoints or dismisses a validator of one’s datanet.',
  (arg) => ({
    datanetId: arg(datanetId),
    validator: arg({ type: 'Address', required: true, description: 'Whom.' }),
    active: arg.boolean({ required: true, description: 'True appoints, false dismisses.' }),
  }),
  ({ datanetId, validator, active }) => ({
    contract: 'DatanetRegistry',
    functionName: 'setValidator',
    args: [datanetId, validator, active],
    summary: `${active ? 'Appoint' : 'Dismiss'} ${validator} as a validator of datanet ${datanetId}.`,
  }),
);

prepareField(
  'prepareDecideContribution',
  'Accepts or rejects a contribution as the datanet’s owner, where no quorum is asked for or its review ran out.',
  (arg) => ({
    contributionId: arg({ type: 'BigInt', required: true, description: 'The contribution’s number on chain.' }),
    accept: arg.boolean({ required: true, description: 'Whether it becomes part of the datanet.' }),
    reason: arg.string({ description: 'Why it is rejected: at most 31 bytes, shown on chain.' }),
  }),
  ({ contributionId, accept, reason }) => ({
    contract: 'DatanetRegistry',
    functionName: 'decideContribution',
    args: [contributionId, accept, reasonOf('prepareDecideContribution', reason)],
    summary: `${accept ? 'Accept' : 'Reject'} contribution ${contributionId}.`,
  }),
);

prepareField(
  'prepareWithdrawContribution',
  'Takes one’s contribution back: before anyone reviews it, after its review ran out, or once accepted.',
  (arg) => ({
    contributionId: arg({ type: 'BigInt', required: true, description: 'The contribution’s number on chain.' }),
    reason: arg.string({ description: 'Why: at most 31 bytes, shown on chain.' }),
  }),
  ({ contributionId, reason }) => ({
    contract: 'DatanetRegistry',
    functionName: 'withdrawContribution',
    args: [contributionId, reasonOf('prepareWithdrawContribution', reason)],
    summary: `Take contribution ${contributionId} back. It cannot be submitted to its datanet again.`,
  }),
);

prepareField(
  'preparePublishVersion',
  'Publishes a version of one’s datanet: the Merkle root over its accepted contributions as the index has them now.',
  (arg) => ({
    datanetId: arg(datanetId),
    uri: arg.string({ required: true, description: 'Where the version is described.' }),
    contributionIds: arg({
      type: ['BigInt'],
      description: 'Which accepted contributions are in it; all of them when left out.',
    }),
  }),
  async ({ datanetId, uri, contributionIds }, _from, context) => {
    const members = await acceptedContributions(context, datanetId, contributionIds ?? undefined);
    const rows = members.reduce((sum, member) => sum + member.rows, 0n);
    const { root } = datanetTree(members.map(({ id, contentHash }) => ({ contributionId: id, contentHash })));
    return {
      contract: 'DatanetRegistry',
      functionName: 'publishVersion',
      args: [datanetId, root, BigInt(members.length), rows, uri],
      summary: `Publish a version of datanet ${datanetId} with ${members.length} contributions and ${rows} rows, data root ${root}.`,
    };
  },
);

type Member = { readonly id: bigint; readonly contentHash: Hex; readonly rows: bigint };

async function acceptedContributions(
  { db }: ApiContext,
  datanetId: bigint,
  ids: readonly bigint[] | undefined,
): Promise<readonly Member[]> {
  const place = 'preparePublishVersion';
  if (ids && new Set(ids).size !== ids.length) throw badInput(`${place}: contributionIds has one of them twice.`);
  const members = await db
    .select({ id: contribution.id, contentHash: contribution.contentHash, rows: contribution.rows })
    .from(contribution)
    .where(
      and(
        eq(contribution.datanetId, datanetId),
        eq(contribution.status, 'accepted'),
        ids && inArray(contribution.id, [...ids]),
      ),
    )
    .orderBy(asc(contribution.id))
    .limit(VERSION_SIZE + 1);
  if (members.length > VERSION_SIZE) {
    throw badInput(
      `${place}: the datanet has more than ${VERSION_SIZE} accepted contributions: name those of the version in contributionIds.`,
    );
  }
  const missing = ids?.filter((id) => !members.some((member) => member.id === id)) ?? [];
  if (missing.length > 0) {
    throw badInput(
      `${place}: contributionIds names ${missing.slice(0, 5).join(', ')}, which datanet ${datanetId} has not accepted.`,
    );
  }
  if (members.length === 0) throw badInput(`${place}: datanet ${datanetId} has no accepted contribution to publish.`);
  return members;
}

prepareField(
  'prepareRequestAccess',
  'Asks the owner of a private datanet for access.',
  (arg) => ({
    datanetId: arg(datanetId),
    purpose: arg.string({ required: true, description: 'What for: at most 500 characters, shown on chain.' }),
  }),
  ({ datanetId, purpose }) => {
    if (purpose.length > 500)
      throw badInput(`prepareRequestAccess: purpose has ${purpose.length} characters: expected 500 at most.`);
    return {
      contract: 'DatanetRegistry',
      functionName: 'requestAccess',
      args: [datanetId, purpose],
      summary: `Ask for access to datanet ${datanetId}.`,
    };
  },
);

prepareField(
  'prepareGrantAccess',
  'Lets an account train on one’s private datanet until a time.',
  (arg) => ({
    datanetId: arg(datanetId),
    grantee: arg({ type: 'Address', required: true, description: 'Whom.' }),
    expiresAt: arg({ type: 'DateTime', required: true, description: 'Until when.' }),
  }),
  ({ datanetId, grantee, expiresAt }) => ({
    contract: 'DatanetRegistry',
    functionName: 'grantAccess',
    args: [datanetId, grantee, expiresAt],
    summary: `Let ${grantee} train on datanet ${datanetId} until ${new Date(Number(expiresAt) * 1000).toISOString()}.`,
  }),
);

prepareField(
  'prepareRevokeAccess',
  'Takes access to one’s private datanet back.',
  (arg) => ({
    datanetId: arg(datanetId),
    grantee: arg({ type: 'Address', required: true, description: 'From whom.' }),
  }),
  ({ datanetId, grantee }) => ({
    contract: 'DatanetRegistry',
    functionName: 'revokeAccess',
    args: [datanetId, grantee],
    summary: `Take ${grantee}’s access to datanet ${datanetId} back.`,
  }),
);
