import type { Call } from '../call.ts';
import { zeroAddress } from '../shadow/state.ts';
import type { Plan, World } from '../world.ts';
import { attributionPlans } from './attribution.ts';
import { batchPlans } from './batches.ts';
import { communityPlans } from './community.ts';
import { governancePlans } from './governance.ts';
import { hostilePlans } from './hostile.ts';
import { modelPlans } from './models.ts';
import { paymentPlans } from './payments.ts';
import { reviewPlans } from './review.ts';
import { rewardPlans } from './rewards.ts';
import { stakePlans } from './stakes.ts';

const plans: readonly Plan[] = [
  ...communityPlans,
  ...reviewPlans,
  ...batchPlans,
  ...modelPlans,
  ...paymentPlans,
  ...attributionPlans,
  ...rewardPlans,
  ...stakePlans,
  ...governancePlans,
  ...hostilePlans,
];

/** The next call somebody makes. The protocol's own contracts call nobody of their own accord, whatever they were given. */
export function nextCall(world: World): Call {
  const contracts = Object.values(world.stage.setting.addresses);
  for (;;) {
    const made = world.random.weighted(plans).make(world);
    if (made && !contracts.includes(made.from) && made.from !== zeroAddress) return made;
  }
}
