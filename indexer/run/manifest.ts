import { z } from 'zod';

/** The protocol's contracts that stand at one address each. */
export const contractNames = [
  'Open',
  'GOPEN',
  'OpenGovernor',
  'TimelockController',
  'DatanetRegistry',
  'ModelRegistry',
  'InferenceEscrow',
  'AttributionLedger',
  'RewardDistributor',
  'StakeManager',
  'DisputeResolver',
] as const;
export type ContractName = (typeof contractNames)[number];

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'must be an address: 0x and 40 hex digits')
  .transform((value) => value.toLowerCase() as `0x${string}`);
const hash = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, 'must be a hash: 0x and 64 hex digits')
  .transform((value) => value.toLowerCase() as `0x${string}`);
/** A whole number; beyond 2^53 it must be a decimal string. */
const integer = z
  .union([z.number().int().min(0).max(Number.MAX_SAFE_INTEGER), z.string().regex(/^\d+$/, 'must be a decimal number')])
  .transform((value) => BigInt(value));

/** What a deployment leaves behind as JSON: where everything stands, and since when. */
export const manifestSchema = z.object({
  chainId: z.number().int().min(1),
  /** Hash of the chain's block 0; tells two chains behind one id apart. */
  genesisHash: hash.optional(),
  /** The block before which no contract of the protocol emitted anything. */
  startBlock: integer,
  contracts: z.object(
    Object.fromEntries(contractNames.map((name) => [name, address])) as Record<ContractName, typeof address>,
  ),
  vesting: z.array(
    z.object({
      name: z.string().min(1),
      address,
      beneficiary: address,
      start: integer,
      cliff: integer,
      end: integer,
      allocation: integer,
    }),
  ),
  treasury: address,
});
export type Manifest = z.output<typeof manifestSchema>;
