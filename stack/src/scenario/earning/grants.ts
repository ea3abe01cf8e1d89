import { rewardTree } from '@openledger/protocol';
import { rewardListSchema } from '@openledger/protocol/attribution';
import type { Contents } from '../contents.ts';
import type { Scene } from '../scene.ts';

/** What the accepted root grants an account in all, wei of OPEN, with its proof. */
export type Grant = {
  readonly epochId: bigint;
  /** Lower case. */
  readonly account: string;
  readonly cumulativeAmount: bigint;
  readonly proof: readonly string[];
};

/** Who may claim what, read from the list that the accepted root was published with. */
export type Grants = {
  /** Reads the list when another root was accepted. */
  look(scene: Scene): Promise<void>;
  all(): readonly Grant[];
};

export function createGrants(contents: Contents): Grants {
  let root: string | undefined;
  let grants: readonly Grant[] = [];
  return {
    async look({ world, contracts }) {
      const accepted = world.latest('RewardDistributor.RootAccepted')?.args;
      if (accepted === undefined || accepted.root === root) return;
      const { epochId } = accepted;
      const proposed = world.latest('RewardDistributor.RootProposed', { epochId, root: accepted.root })?.args;
      const text = proposed === undefined ? undefined : await contents.text(proposed.ipfsHash);
      if (text === undefined) return;
      const list = rewardListSchema.parse(JSON.parse(text));
      const rewards = list.rewards.map(({ account, cumulativeAmount }) => ({
        account,
        cumulativeAmount: BigInt(cumulativeAmount),
      }));
      const tree = rewardTree(contracts.manifest.chainId, contracts.at('RewardDistributor'), rewards);
      // Whoever published another list than the root is of gets nobody to send claims that would be refused.
      grants =
        tree.root === accepted.root
          ? rewards.map((one) => ({ ...one, epochId, proof: tree.proofOf(one.account) }))
          : [];
      root = accepted.root;
    },
    all: () => grants,
  };
}
