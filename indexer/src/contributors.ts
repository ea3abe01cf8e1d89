/** A contributor's figures in a datanet before anything happened. */
export const emptyStanding = { rows: 0n, penalty: 0n, attributed: 0n, lastSubmittedAt: 0n };
