import { z } from 'zod';
import { address, bytes32, natural } from '../fields.ts';

/** What a reward root's `uri` leads to; its keccak256 is the root's `ipfsHash`. Accounts ascending, each once. */
export const rewardListSchema = z.strictObject({
  schema: z.literal('openledger.rewards/1'),
  chainId: natural,
  distributor: address,
  epochId: natural,
  root: bytes32,
  /** Cumulative wei of OPEN since the beginning, of batches that were final at the epoch's end. */
  rewards: z.array(z.strictObject({ account: address, cumulativeAmount: natural })),
});

export type RewardList = z.output<typeof rewardListSchema>;
