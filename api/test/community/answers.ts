import type { Hex } from '@openledger/db/chain';
import { rewardTree } from '@openledger/protocol';
import { id as keccakOf } from 'ethers';
import { CHAIN_ID } from '../world.ts';
import { contract, milli, people, provenance } from './base.ts';
import { texts } from './texts.ts';

const { bruno, chiara } = people;

/** Answers, and what each contribution's part in them is: wei of OPEN in thousandths. */
export const answers = [
  {
    block: 100_000,
    inTokens: 48n,
    outTokens: 132n,
    parts: [
      [1, 400n],
      [3, 300n],
    ],
  },
  {
    block: 100_400,
    inTokens: 61n,
    outTokens: 90n,
    parts: [
      [2, 500n],
      [1, 200n],
    ],
  },
  { block: 101_000, inTokens: 35n, outTokens: 210n, parts: [[5, 700n]] },
  {
    block: 130_000,
    inTokens: 52n,
    outTokens: 75n,
    parts: [
      [1, 350n],
      [2, 350n],
    ],
  },
] as const;
/** What was answered, sentence by sentence: nobody but who asked has it. */
export const sentences: readonly (readonly string[])[] = [
  ['Passing a String to a function moves it. ', 'Pass a reference to lend it instead.'],
  ['A struct that holds a reference needs a lifetime.'],
  ['Use Arc between threads. ', 'Within one, Rc is enough.'],
  ['It moves. ', 'A lifetime says how long what it points at must live.'],
  ['Pass &s: ', 'the function then borrows it.'],
  ['Ask again later.'],
];
export const textOf = (n: number) => sentences[n]!.join('');
export const requestOf = (n: number) => keccakOf(`request ${n}`) as Hex;
export const FINAL_ANSWERS = 3;

export const attribution = answers.flatMap(({ parts }, n) =>
  parts.map(([contributionId, share]) => ({
    batchId: n < FINAL_ANSWERS ? 1n : 2n,
    requestId: requestOf(n),
    contributionId: BigInt(contributionId),
    modelId: 1n,
    datanetId: 1n,
    contributor: texts[contributionId - 1]!.by,
    amount: milli(share),
    sharePpm: Math.floor((Number(share) * 1_000_000) / 700),
    status: n < FINAL_ANSWERS ? ('final' as const) : ('posted' as const),
    ...provenance(n < FINAL_ANSWERS ? 102_000 : 131_000),
  })),
);
export const earned = (by: Hex) =>
  attribution
    .filter((part) => part.status === 'final' && part.contributor === by)
    .reduce((sum, part) => sum + part.amount, 0n);
export const rewardRoot = rewardTree(
  CHAIN_ID,
  contract('RewardDistributor'),
  [bruno, chiara].map((account) => ({ account, cumulativeAmount: earned(account) })),
).root;

export const attributedTo = (n: number) =>
  attribution.filter((part) => part.status === 'final' && part.contributionId === BigInt(n));
