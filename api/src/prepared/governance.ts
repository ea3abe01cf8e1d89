import type { Hex } from '@openledger/db/chain';
import { keccak256, pad, stringToHex, toHex } from 'viem';
import { badInput } from '../errors.ts';
import { builder } from '../schema/builder.ts';
import { prepareField } from './field.ts';
import { reasonOf } from './reason.ts';
import { openText } from './transaction.ts';

const Support = builder.enumType('VoteChoice', {
  description: 'How to vote.',
  values: {
    AGAINST: { value: 0, description: 'Against.' },
    FOR: { value: 1, description: 'For.' },
    ABSTAIN: { value: 2, description: 'Neither; counts towards the quorum.' },
  },
});

prepareField(
  'prepareVote',
  'Votes on a proposal with the GOPEN votes that were delegated to the sender when voting began.',
  (arg) => ({
    proposalId: arg({ type: 'BigInt', required: true, description: 'The proposal’s number on chain.' }),
    support: arg({ type: Support, required: true, description: 'How.' }),
    reason: arg.string({ description: 'Why: shown on chain, at most 1,000 characters.' }),
  }),
  ({ proposalId, support, reason }) => {
    if (reason && reason.length > 1_000) {
      throw badInput(`prepareVote: reason has ${reason.length} characters: expected 1000 at most.`);
    }
    const how = ['against', 'for', 'to abstain on'][support];
    return {
      contract: 'OpenGovernor',
      functionName: reason ? 'castVoteWithReason' : 'castVote',
      args: reason ? [proposalId, support, reason] : [proposalId, support],
      summary: `Vote ${how} proposal ${proposalId}.`,
    };
  },
);

prepareField(
  'prepareDelegate',
  'Gives one’s GOPEN votes to an account; to oneself to vote with them.',
  (arg) => ({ to: arg({ type: 'Address', description: 'To whom; to oneself when left out.' }) }),
  ({ to }, from) => ({
    contract: 'GOPEN',
    functionName: 'delegate',
    args: [to ?? from],
    summary: (to ?? from) === from ? 'Vote with one’s own GOPEN.' : `Let ${to} vote with one’s GOPEN.`,
  }),
);

const amount = { type: 'BigInt', required: true, description: 'In wei.' } as const;

prepareField(
  'prepareWrap',
  'Turns OPEN into GOPEN, one to one; its votes count once they are delegated.',
  (arg) => ({ amount: arg(amount) }),
  ({ amount }) => ({
    contract: 'GOPEN',
    functionName: 'deposit',
    args: [amount],
    summary: `Wrap ${openText(amount)} into GOPEN.`,
    spends: { amount, spender: 'GOPEN' },
  }),
);

prepareField(
  'prepareUnwrap',
  'Turns GOPEN back into OPEN, one to one.',
  (arg) => ({ amount: arg(amount) }),
  ({ amount }) => ({
    contract: 'GOPEN',
    functionName: 'withdraw',
    args: [amount],
    summary: `Unwrap ${openText(amount)} from GOPEN.`,
  }),
);

const DisputeInput = builder.inputType('DisputeTargetInput', {
  description: 'What a dispute is about: exactly one of these.',
  fields: (t) => ({
    contributionId: t.field({ type: 'BigInt', description: 'A contribution, by its number on chain.' }),
    batchId: t.field({ type: 'BigInt', description: 'An attribution batch, by its number on chain.' }),
    root: t.field({ type: 'Bytes32', description: 'A proposed reward root.' }),
    worker: t.field({ type: 'Address', description: 'A worker, by its address.' }),
  }),
});
type Target = {
  contributionId?: bigint | null | undefined;
  batchId?: bigint | null | undefined;
  root?: Hex | null | undefined;
  worker?: Hex | null | undefined;
};

/** A target as the contract numbers its kinds, and what to call it. */
function targetOf(target: Target): [type: number, id: Hex, name: string] {
  const named = Object.entries(target).filter(([, value]) => value != null);
  if (named.length !== 1) {
    throw badInput(
      `prepareDispute: target names ${named.map(([name]) => name).join(' and ') || 'nothing'}: give exactly one of contributionId, batchId, root, worker.`,
    );
  }
  const { contributionId, batchId, root, worker } = target;
  if (contributionId != null) return [0, toHex(contributionId, { size: 32 }), `contribution ${contributionId}`];
  if (batchId != null) return [1, toHex(batchId, { size: 32 }), `attribution batch ${batchId}`];
  if (root != null) return [2, root, `reward root ${root}`];
  return [3, pad(worker!, { size: 32 }), `worker ${worker}`];
}

prepareField(
  'prepareDispute',
  'Challenges a contribution, an attribution batch, a reward root or a worker, with a bond that a lost dispute costs.',
  (arg) => ({
    target: arg({ type: DisputeInput, required: true, description: 'What is challenged.' }),
    tag: arg.string({ required: true, description: 'What is wrong, in at most 31 bytes, such as PLAGIARISM.' }),
    evidence: arg.string({ required: true, description: 'Where the evidence is.' }),
    evidenceHash: arg({ type: 'Bytes32', description: 'keccak256 of the evidence; of its address when left out.' }),
    bond: arg({
      type: 'BigInt',
      description: 'Wei of OPEN to put up; the least that is allowed when left out.',
    }),
  }),
  async ({ target, tag, evidence, evidenceHash, bond }, _from, { protocol }) => {
    const [type, id, name] = targetOf(target);
    const least = await protocol.view<bigint>('DisputeResolver', 'parameter', [
      keccak256(stringToHex('MIN_DISPUTE_BOND')),
    ]);
    const put = bond ?? least;
    if (put < least)
      throw badInput(`prepareDispute: bond is ${put} wei: expected ${least} (${openText(least)}) or more.`);
    return {
      contract: 'DisputeResolver',
      functionName: 'raise',
      args: [
        type,
        id,
        reasonOf('prepareDispute', tag),
        evidenceHash ?? keccak256(stringToHex(evidence)),
        evidence,
        put,
      ],
      summary: `Dispute ${name} (${tag}) with a bond of ${openText(put)}.`,
      spends: { amount: put, spender: 'StakeManager' },
    };
  },
);

prepareField(
  'prepareCounterDispute',
  'Answers a dispute about something of one’s own.',
  (arg) => ({
    disputeId: arg({ type: 'BigInt', required: true, description: 'The dispute’s number on chain.' }),
    evidence: arg.string({ required: true, description: 'Where the evidence is.' }),
    evidenceHash: arg({ type: 'Bytes32', description: 'keccak256 of the evidence; of its address when left out.' }),
  }),
  ({ disputeId, evidence, evidenceHash }) => ({
    contract: 'DisputeResolver',
    functionName: 'counter',
    args: [disputeId, evidenceHash ?? keccak256(stringToHex(evidence)), evidence],
    summary: `Answer dispute ${disputeId}.`,
  }),
);
