import { isAddress, parseEther } from 'ethers';
import { z } from 'zod';

const day = 86_400n;
const month = (365n * day) / 12n;

export const address = z
  .string()
  .refine(
    (value) => isAddress(value),
    'must be a 20-byte address, for example 0x5FbDB2315678afecb367f032d93F642f64180aa3',
  )
  .transform((value) => value.toLowerCase() as `0x${string}`);

/** A non-negative integer: a bigint, a safe number, or decimal digits as JSON carries them. */
export const integer = z
  .union([z.bigint(), z.int(), z.string().regex(/^\d+$/, 'must be decimal digits')])
  .transform((value) => BigInt(value))
  .refine((value) => value >= 0n, 'must not be negative');

const feeSplit = z
  .object({
    platformBps: z.int().min(0).max(10_000),
    modelBps: z.int().min(0).max(10_000),
    workerBps: z.int().min(0).max(10_000),
    stakersBps: z.int().min(0).max(10_000),
    contributorsBps: z.int().min(0).max(10_000),
  })
  .refine(
    (split) => Object.values(split).reduce((sum, bps) => sum + bps, 0) === 10_000,
    'the five parts must sum to 10,000 basis points',
  );

/** What one deployment of the protocol is made with. Times in seconds, amounts in wei. */
export const deployConfigSchema = z.object({
  /** Token generation event, Unix seconds: vesting starts here. */
  tge: integer,
  /** Who receives the genesis allocation, four of the five through vesting wallets. */
  beneficiaries: z.object({
    community: address,
    investors: address,
    team: address,
    ecosystem: address,
    liquidity: address,
  }),
  /** Can pause, and revoke a reward root that waits. */
  guardian: address,
  /** Proposes the reward roots of closed epochs. */
  rootProposer: address,
  /** May record evaluations of any model. */
  evaluators: z.array(address).default([]),
  governance: z
    .object({
      votingDelay: integer.default(day),
      votingPeriod: integer.default(14n * day),
      proposalThreshold: integer.default(parseEther('100')),
      quorumPercent: integer.default(25n),
      timelockDelay: integer.default(2n * day),
    })
    .prefault({}),
  feeSplit: feeSplit.default({
    platformBps: 500,
    modelBps: 3_000,
    workerBps: 2_500,
    stakersBps: 500,
    contributorsBps: 3_500,
  }),
  parameters: z
    .object({
      unstakeCooldown: integer.default(7n * day),
      minStake: integer.default(parseEther('1')),
      bondHold: integer.default(3n * day),
      withdrawalDelay: integer.default(day),
      challengeWindow: integer.default(3n * day),
      epochLength: integer.default(day),
      rootDelay: integer.default(day),
      minDisputeBond: integer.default(parseEther('10')),
      resolutionWindow: integer.default(30n * day),
      winnerShareBps: integer.default(5_000n),
    })
    .prefault({}),
  /** Sets the deployment apart from another with the same configuration on the same chain. */
  salt: z.string().default('openledger-1'),
});

export type DeployConfig = z.output<typeof deployConfigSchema>;
export type DeployInput = z.input<typeof deployConfigSchema>;

/** The genesis allocation of 1,000,000,000 OPEN: parts per 10,000, and how each part vests. */
export const genesisAllocation = [
  { name: 'community', partsPer10k: 5_171n, cliff: 0n, duration: 48n * month },
  { name: 'investors', partsPer10k: 1_829n, cliff: 12n * month, duration: 48n * month },
  { name: 'team', partsPer10k: 1_500n, cliff: 12n * month, duration: 48n * month },
  { name: 'ecosystem', partsPer10k: 1_000n, cliff: 0n, duration: 48n * month },
  { name: 'liquidity', partsPer10k: 500n, cliff: 0n, duration: 0n },
] as const;

export const genesisSupply = parseEther('1000000000');
