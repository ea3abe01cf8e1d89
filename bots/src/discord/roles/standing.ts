import { z } from 'zod';
import type { Api } from '../../core/api/client.ts';

/** What an account did here. */
export type Standing = {
  /** Contributions that were accepted, and those that it scored. */
  readonly accepted: number;
  readonly reviewed: number;
  /** Wei of OPEN that its data earned. */
  readonly earned: bigint;
  /** When the first of its contributions that were accepted was made; undefined before. */
  readonly since: string | undefined;
};

const count = z.object({ totalCount: z.number() });
const answer = z.object({
  contributions: count.extend({ nodes: z.array(z.object({ createdAt: z.string() })) }),
  contributionScores: count,
  rewardAccount: z.object({ attributed: z.string().transform(BigInt) }).nullable(),
});

export const standingOf = async (api: Api, account: string): Promise<Standing> => {
  const { contributions, contributionScores, rewardAccount } = await api.ask(
    `query($account: Address!) {
      contributions(
        first: 1
        filter: { contributorAddress: { eq: $account }, status: { eq: ACCEPTED } }
        orderBy: [{ field: CONTRIBUTION_ID, direction: ASC }]
      ) { totalCount nodes { createdAt } }
      contributionScores(first: 1, filter: { validatorAddress: { eq: $account } }) { totalCount }
      rewardAccount(account: $account) { attributed }
    }`,
    answer,
    { account },
  );
  return {
    accepted: contributions.totalCount,
    reviewed: contributionScores.totalCount,
    earned: rewardAccount?.attributed ?? 0n,
    since: contributions.nodes[0]?.createdAt,
  };
};
