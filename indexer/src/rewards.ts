/** An account's reward figures before anything happened. */
export const emptyRewards = { attributed: 0n, claimed: 0n, claims: 0 };
