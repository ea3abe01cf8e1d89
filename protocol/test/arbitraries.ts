import fc from 'fast-check';
import type { Hex } from '../src/hex.ts';
import type { UnsignedReceipt } from '../src/receipt.ts';
import { oneScore } from '../src/scores.ts';
import type { Message, MessageName } from '../src/typed-data.ts';
import { messageTypes } from '../src/typed-data.ts';

/** Random values of Solidity types; small and largest ones come often. */
export const uint = (bits: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n });
export const bytes = (length: number) =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((value) => `0x${Buffer.from(value).toString('hex')}` as Hex);
export const address = bytes(20);
export const bytes32 = bytes(32);
export const score = fc.bigInt({ min: 0n, max: oneScore });
/** Any text that Solidity can be given: whole code points, emoji and NUL included. */
export const text = fc.string({ unit: 'binary', maxLength: 60 });

export const message = <Name extends MessageName>(name: Name) =>
  fc.record(
    Object.fromEntries(messageTypes[name].map((field) => [field.name, byType(field.type)])),
  ) as unknown as fc.Arbitrary<Message<Name>>;

/** Five whole numbers of basis points that sum to 10,000. */
export const feeSplit = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 4, maxLength: 4 }).map((cuts) => {
  const [a = 0, b = 0, c = 0, d = 0] = cuts.toSorted((x, y) => x - y);
  return {
    platformBps: a,
    modelBps: b - a,
    workerBps: c - b,
    stakersBps: d - c,
    contributorsBps: 10_000 - d,
  };
});

const digits = (bits: number) => uint(bits).map(String);

/** Top contributions in the order that a receipt must have them. */
const top = fc
  .uniqueArray(fc.record({ contributionId: uint(64), score: fc.bigInt({ min: 1n, max: 2n ** 63n }) }), {
    selector: ({ contributionId }) => contributionId,
    maxLength: 20,
  })
  .map((entries) =>
    entries
      .toSorted((a, b) =>
        a.score === b.score ? Number(a.contributionId > b.contributionId) * 2 - 1 : a.score > b.score ? -1 : 1,
      )
      .map(({ contributionId, score }) => ({ contributionId: String(contributionId), score: String(score) })),
  );

const found = fc
  .record({ top, scoreSum: digits(128) })
  .map((one) => ({ ...one, kthScore: one.top.at(-1)?.score ?? '0' }));

export const unsignedReceipt: fc.Arbitrary<UnsignedReceipt> = fc
  .record({
    schema: fc.constant('openledger.receipt/1' as const),
    chainId: digits(64),
    escrow: address,
    requestId: bytes32,
    worker: address,
    modelId: digits(256),
    modelVersion: fc.nat(),
    modelHash: bytes32,
    adapterHash: bytes32,
    tokenizerHash: bytes32,
    runtimeHash: bytes32,
    manifestHash: bytes32,
    cardHash: bytes32,
    datasetRoot: bytes32,
    gradientStoreRoot: bytes32,
    suffixArrayRoot: bytes32,
    promptHash: bytes32,
    outputHash: bytes32,
    seed: bytes32,
    damping: fc.constantFrom('0', '1', '0.1', '0.0025', '12.5'),
    method: fc.record({
      name: fc.string({ unit: 'binary', minLength: 1, maxLength: 16 }),
      version: fc.constantFrom('1', '1.2.0'),
    }),
    algorithmId: bytes32,
    evidenceHash: bytes32,
    evidence: fc.record({ influence: found, spans: found, retrieval: found }, { requiredKeys: [] }),
    divided: fc.uniqueArray(fc.record({ contributionId: digits(64), ppm: fc.integer({ min: 1, max: 15_000 }) }), {
      selector: ({ contributionId }) => contributionId,
      maxLength: 8,
    }),
  })
  .map(({ divided, ...receipt }) => ({
    ...receipt,
    shares: divided.toSorted((a, b) => (BigInt(a.contributionId) < BigInt(b.contributionId) ? -1 : 1)),
    unattributedPpm: divided.reduce((rest, share) => rest - share.ppm, 1_000_000),
  }));

function byType(type: string): fc.Arbitrary<unknown> {
  if (type === 'address') return address;
  if (type === 'bytes32') return bytes32;
  if (type === 'string') return text;
  return uint(Number(type.slice('uint'.length)));
}
