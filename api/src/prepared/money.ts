import { type StakeRole, stakeRoles } from '@openledger/protocol';
import { badInput } from '../errors.ts';
import { builder } from '../schema/builder.ts';
import { grantOf } from './claims.ts';
import { prepareField } from './field.ts';
import { openText } from './transaction.ts';

const StakedRole = builder.enumType('NewStakeRole', {
  description: 'What an account can stake for.',
  values: {
    CONTRIBUTOR: { value: 'CONTRIBUTOR' as StakeRole, description: 'Contributing to a datanet.' },
    VALIDATOR: { value: 'VALIDATOR' as StakeRole, description: 'Validating a datanet.' },
    WORKER: { value: 'WORKER' as StakeRole, description: 'Operating a worker.' },
  },
});

const amount = { type: 'BigInt', required: true, description: 'Wei of OPEN.' } as const;
function positive(place: string, wei: bigint): bigint {
  if (wei === 0n) throw badInput(`${place}: amount is 0: expected 1 wei of OPEN or more.`);
  return wei;
}

prepareField(
  'prepareStake',
  'Stakes OPEN in a role.',
  (arg) => ({
    role: arg({ type: StakedRole, required: true, description: 'What for.' }),
    targetId: arg({
      type: 'BigInt',
      required: true,
      description: 'The datanet’s number, or for a worker its address as a number.',
    }),
    amount: arg(amount),
  }),
  ({ role, targetId, amount }) => ({
    contract: 'StakeManager',
    functionName: 'stake',
    args: [stakeRoles[role], targetId, positive('prepareStake', amount)],
    summary: `Stake ${openText(amount)} as a ${role.toLowerCase()} for ${targetId}.`,
    spends: { amount, spender: 'StakeManager' },
  }),
);

const stakeId = { type: 'BigInt', required: true, description: 'The stake’s number on chain.' } as const;

prepareField(
  'prepareUnstake',
  'Asks for a stake back, in part or whole; it can be withdrawn after the cooldown. 0 takes the request back.',
  (arg) => ({ stakeId: arg(stakeId), amount: arg(amount) }),
  ({ stakeId, amount }) => ({
    contract: 'StakeManager',
    functionName: 'requestUnstake',
    args: [stakeId, amount],
    summary:
      amount === 0n ? `Leave stake ${stakeId} in place.` : `Ask for ${openText(amount)} of stake ${stakeId} back.`,
  }),
);

prepareField(
  'prepareWithdrawStake',
  'Takes the part of a stake that was asked for and has waited long enough.',
  (arg) => ({ stakeId: arg(stakeId) }),
  ({ stakeId }) => ({
    contract: 'StakeManager',
    functionName: 'withdrawStake',
    args: [stakeId],
    summary: `Withdraw what is due of stake ${stakeId}.`,
  }),
);

prepareField(
  'prepareClaimStakerReward',
  'Pays an account its part of the stakers’ fees; anyone may send it.',
  (arg) => ({ account: arg({ type: 'Address', description: 'Whom; who sends it, when left out.' }) }),
  ({ account }, from) => ({
    contract: 'StakeManager',
    functionName: 'claimStakerReward',
    args: [account ?? from],
    summary: `Pay ${account ?? from} its part of the stakers’ fees.`,
  }),
);

prepareField(
  'prepareClaim',
  'Pays an account what the accepted reward root grants it, with the Merkle proof; anyone may send it.',
  (arg) => ({ account: arg({ type: 'Address', description: 'Whom; who sends it, when left out.' }) }),
  async ({ account }, from, context) => {
    const grant = await grantOf(context, account ?? from);
    return {
      contract: 'RewardDistributor',
      functionName: 'claim',
      args: [grant.account, grant.cumulativeAmount, grant.proof],
      summary: `Pay ${grant.account} ${openText(grant.claimable)} of rewards, up to epoch ${grant.epochId}.`,
    };
  },
);

prepareField(
  'prepareDeposit',
  'Deposits OPEN to pay for answers with.',
  (arg) => ({ amount: arg(amount) }),
  ({ amount }) => ({
    contract: 'InferenceEscrow',
    functionName: 'deposit',
    args: [positive('prepareDeposit', amount)],
    summary: `Deposit ${openText(amount)} to pay for answers.`,
    spends: { amount, spender: 'InferenceEscrow' },
  }),
);

prepareField(
  'prepareRequestWithdrawal',
  'Asks for a deposit back; it can be withdrawn after open vouchers have run out. 0 takes the request back.',
  (arg) => ({ amount: arg(amount) }),
  ({ amount }) => ({
    contract: 'InferenceEscrow',
    functionName: 'requestWithdrawal',
    args: [amount],
    summary: `Ask for ${openText(amount)} of the deposit back.`,
  }),
);

prepareField(
  'prepareWithdrawDeposit',
  'Takes the deposit that was asked for and has waited long enough.',
  () => ({}),
  () => ({
    contract: 'InferenceEscrow',
    functionName: 'withdraw',
    args: [],
    summary: 'Withdraw what is due of the deposit.',
  }),
);

prepareField(
  'prepareWithdrawEarnings',
  'Pays an account what it earned from answers; anyone may send it.',
  (arg) => ({ account: arg({ type: 'Address', description: 'Whom; who sends it, when left out.' }) }),
  ({ account }, from) => ({
    contract: 'InferenceEscrow',
    functionName: 'withdrawEarnings',
    args: [account ?? from],
    summary: `Pay ${account ?? from} what it earned from answers.`,
  }),
);
