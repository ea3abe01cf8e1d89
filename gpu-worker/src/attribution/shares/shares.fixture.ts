import { type Algorithm, startingAlgorithm } from '@openledger/protocol/attribution';
import fc from 'fast-check';
import type { KindScores } from './scores.ts';
import type { Contribution } from './sharesOf.ts';

export const hashOf = (id: bigint): `0x${string}` =>
  `0x${((id * 0x9e3779b97f4a7c15n) % 2n ** 256n).toString(16).padStart(64, '0')}`;
export const accountOf = (number: number): `0x${string}` => `0x${number.toString(16).padStart(40, '0')}`;

/** Contributions 1 to 12, three to an account. */
export const contributions: ReadonlyMap<bigint, Contribution> = new Map(
  Array.from({ length: 12 }, (_, at) => [
    BigInt(at + 1),
    { contentHash: hashOf(BigInt(at + 1)), contributor: accountOf(1 + Math.floor(at / 3)) },
  ]),
);

const scores = fc
  .uniqueArray(
    fc.tuple(
      fc.bigInt({ min: 1n, max: 12n }),
      fc.oneof(
        fc.bigInt({ min: 1n, max: 3n }),
        fc.bigInt({ min: 1n, max: 3_000_000n }),
        fc.bigInt({ min: 1n, max: 2n ** 80n }),
      ),
    ),
    { selector: ([id]) => id },
  )
  .map((entries) => new Map(entries));

/** What evidence may say: of each kind, or not, any contribution any score. */
export const kindScores: fc.Arbitrary<KindScores> = fc.record(
  { influence: scores, spans: scores, retrieval: scores },
  { requiredKeys: [] },
);

const part = fc.oneof(fc.constantFrom(0, 1, 999_999, 1_000_000), fc.integer({ min: 0, max: 1_000_000 }));
const floor = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 5_000_000 }));

/** The starting algorithm with other numbers in what divides scores. */
export const algorithms: fc.Arbitrary<Algorithm> = fc
  .record({
    kinds: fc.record({ influence: part, spans: part, retrieval: part }),
    caps: fc.record({ contribution: part, account: part }),
    floors: fc.tuple(floor, floor, floor),
    mostContributions: fc.integer({ min: 1, max: 12 }),
  })
  .map(({ kinds, caps, floors: [influence, spans, retrieval], mostContributions }) => ({
    ...startingAlgorithm,
    kinds,
    caps,
    mostContributions,
    influence: { ...startingAlgorithm.influence, floor: influence },
    spans: { ...startingAlgorithm.spans, floor: spans },
    retrieval: { ...startingAlgorithm.retrieval, floor: retrieval },
  }));

/** As the starting algorithm, with no caps and every contribution paid. */
export const uncapped: Algorithm = { ...startingAlgorithm, caps: { contribution: 1_000_000, account: 1_000_000 } };
