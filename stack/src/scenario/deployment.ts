import type { DeployInput } from '@openledger/protocol/deploy';
import { persona } from './personas.ts';

/**
 * The local chain's deployment: the personas hold its roles and allocations, governance has its real delays.
 * @param tge token generation event, Unix seconds: the time of the genesis block, so that vesting has begun by today.
 */
export function scenarioDeployConfig(tge: bigint): DeployInput {
  return {
    tge,
    beneficiaries: {
      community: persona('carla').address,
      investors: persona('ines').address,
      team: persona('tomas').address,
      ecosystem: persona('elif').address,
      liquidity: persona('lior').address,
    },
    guardian: persona('gus').address,
    rootProposer: persona('rhea').address,
    evaluators: [persona('evan').address],
  };
}
