/** Wei of OPEN for 1,000 tokens. */
export type Price = { readonly inPer1k: bigint; readonly outPer1k: bigint };

export type Tokens = { readonly inTokens: number; readonly outTokens: number };

/** What an answer costs, in wei of OPEN: each part rounded up. */
export const feeOf = ({ inPer1k, outPer1k }: Price, { inTokens, outTokens }: Tokens): bigint =>
  perThousand(inPer1k, inTokens) + perThousand(outPer1k, outTokens);

const perThousand = (price: bigint, tokens: number): bigint => (price * BigInt(tokens) + 999n) / 1_000n;
