import { id } from 'ethers';
import type { Hex } from './hex.ts';

/** The numbers that governance tunes (`ParameterUpdated`): the contract that keeps each, and its unit. */
export const parameters = {
  UNSTAKE_COOLDOWN: { contract: 'StakeManager', unit: 'seconds' },
  MIN_STAKE: { contract: 'StakeManager', unit: 'wei' },
  BOND_HOLD: { contract: 'DatanetRegistry', unit: 'seconds' },
  WITHDRAWAL_DELAY: { contract: 'InferenceEscrow', unit: 'seconds' },
  CHALLENGE_WINDOW: { contract: 'AttributionLedger', unit: 'seconds' },
  EPOCH_LENGTH: { contract: 'RewardDistributor', unit: 'seconds' },
  ROOT_DELAY: { contract: 'RewardDistributor', unit: 'seconds' },
  MIN_DISPUTE_BOND: { contract: 'DisputeResolver', unit: 'wei' },
  RESOLUTION_WINDOW: { contract: 'DisputeResolver', unit: 'seconds' },
  WINNER_SHARE_BPS: { contract: 'DisputeResolver', unit: 'basis points' },
} as const;

export type ParameterName = keyof typeof parameters;

/** A parameter's id on chain: keccak256 of its name. */
export function parameterId(name: ParameterName): Hex {
  return id(name) as Hex;
}

const names = new Map((Object.keys(parameters) as ParameterName[]).map((name) => [parameterId(name) as string, name]));

/** The name of a parameter's id; undefined for an unknown id. */
export function parameterName(parameter: string): ParameterName | undefined {
  return names.get(parameter.toLowerCase());
}
